"""Settings in a file of its own, and what codes and words mean."""


def play(net):
    net.run("settings", "path")
    net.run("settings", "set", "confidence", "0,98")
    net.run("settings", "set", "language", "fr")
    net.run("settings", "set", "confidnce", "0.98")
    net.run("settings", "set", "prior", "2")
    net.run("settings", "unset", "language")
    net.run("settings", "unset", "language")
    net.run("settings", "show")
    net.run("--no-settings", "explain", "CHIMERA")
    net.run("explain", "CHIMERA", "calibration", "--format", "json")
    for language in ("fr", "es"):
        net.run("explain", "PRIOR_SENSITIVE", language=language)
        net.run("explain", "étalonnage", language=language)
    net.run("explain", "CHIMAERA")
