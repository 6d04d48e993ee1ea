"""The help of every command in English, of the top level and of some commands in French and Spanish."""

from command_line import every_command

TRANSLATED = (
    (), ("identify",), ("custody",), ("custody", "receive"), ("library", "build"), ("origin", "assign"),
    ("individual", "match"), ("age", "radiocarbon"), ("report", "build"), ("trade", "import"), ("trade",),
)  # fmt: skip


def play(net):
    for name, _command in every_command():
        net.run(f"{name.removeprefix('forensics')} --help", limit=20_000)
    for language in ("fr", "es"):
        for path in TRANSLATED:
            net.run(*path, "--help", language=language, limit=20_000)
    net.run("-h", limit=300)
    net.run("--version")
    net.run()
    net.run("idntify")
    net.run("custody recieve")
    net.run("--lang xx identify")
    net.run("identify --lang")
    for language in ("fr", "es"):
        net.run("identify", language=language)
        net.run("trade imprt", language=language)
        net.run("identify --nothing", language=language)
