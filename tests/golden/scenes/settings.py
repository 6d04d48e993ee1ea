"""Settings in a file of its own, and what codes and words mean."""


def play(net):
    net.run("settings")
    net.run("settings confidence 0,98")
    net.run("settings language fr")
    net.run("settings confidnce 0.98")
    net.run("settings prior 2")
    net.run("settings language --unset")
    net.run("settings language --unset")
    net.run("settings")
    net.run("settings confidence --format json")
    net.run("settings confidnce")
    net.run("settings prior --laboratory")
    net.run("--no-settings explain CHIMERA")
    net.run("explain CHIMERA calibration --format json")
    for language in ("fr", "es"):
        net.run("explain PRIOR_SENSITIVE", language=language)
        net.run("explain étalonnage", language=language)
    net.run("explain CHIMAERA")
