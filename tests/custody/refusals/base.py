"""The table of scenes, which those of all subjects join."""

__all__ = ["BURNT", "C1", "SCENES", "breaks"]

SCENES = {}


def breaks(*codes):
    """Take in a scene whose last act breaks these rules."""

    def keep(scene):
        for code in codes:
            SCENES.setdefault(code, []).append(scene)
        return scene

    return keep


C1 = {"case": "C1", "things": ["C1/1"]}
BURNT = {"method": "burnt"}
