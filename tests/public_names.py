"""The public names as lines of text: what tests/golden/public_names.txt holds."""

import dataclasses
import importlib
import inspect

import forensics

PACKAGES = (
    "forensics",
    *(
        f"forensics.{name}"
        for name in sorted(forensics.__all__)
        if inspect.ismodule(getattr(forensics, name))
    ),
)


def public_names() -> list[str]:
    """Return a line a public name: functions with their parameters, classes with their attributes."""
    return [line for package in PACKAGES for line in _lines_of(package)]


def _lines_of(package):
    module = importlib.import_module(package)
    for name in sorted(module.__all__):
        value = getattr(module, name)
        place = f"{package}.{name}"
        if inspect.ismodule(value):
            yield place
        elif inspect.isclass(value):
            # Results are made by the package: how is not promised.
            yield place if dataclasses.is_dataclass(value) else f"{place}{_parameters(value)}"
            yield from (f"{place}.{attribute}" for attribute in _attributes(value))
        elif callable(value):
            yield f"{place}{_parameters(value)}"
        else:
            yield place


def _parameters(value):
    """Return the names of parameters, with ``=…`` behind those that may be left out."""
    try:
        parameters = inspect.signature(value).parameters.values()
    except ValueError:  # a class of the standard library's making
        return ""
    if value.__module__.startswith("forensics"):
        plain = [
            parameter.replace(
                annotation=parameter.empty,
                default=parameter.empty if parameter.default is parameter.empty else _Left(),
            )
            for parameter in parameters
        ]
        return str(inspect.Signature(plain))
    return ""


class _Left:
    def __repr__(self):
        return "…"


def _attributes(kind):
    """Return the public attributes that classes of this package define, inherited ones too."""
    names = {
        name
        for base in kind.__mro__
        if base.__module__.startswith("forensics")
        for name in vars(base)
    }
    if dataclasses.is_dataclass(kind):
        names |= {field.name for field in dataclasses.fields(kind)}
    return sorted(
        name for name in names if not name.startswith("_") and not name.endswith("_request")
    )  # scikit-learn adds ``set_…_request`` to every estimator


if __name__ == "__main__":
    print("\n".join(public_names()))
