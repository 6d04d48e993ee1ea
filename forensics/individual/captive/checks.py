"""What tables of measurements must be before they are compared."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from forensics.errors import InputError, UsageError
from forensics.genetics.sources import printable
from forensics.individual.captive.measurements import PER_MIL, Measurements
from forensics.messages import _

__all__ = ["check_columns", "check_reference", "check_tables"]

# More are names of samples or places rather than classes.
_MAX_CLASSES = 20
# Two columns that agree so well say the same twice.
_MAX_CORRELATION = 0.99999


def check_columns(
    reference: Measurements, columns: Sequence[str], values: np.ndarray, classes: np.ndarray
) -> None:
    """Refuse samples of known class that measurements cannot tell apart, or that lack a class."""
    source = reference.source or None
    for name in sorted(set(reference.classes or ()).difference(classes.tolist())):
        raise InputError(
            _("no sample of class {name} has all of these: {columns}").format(
                name=printable(name), columns=", ".join(columns)
            ),
            source=source,
        )
    for place in np.flatnonzero(np.ptp(values, axis=0) == 0).tolist():
        raise InputError(
            _("column {name} has the same value in all samples; leave it out (--columns)").format(
                name=columns[place]
            ),
            source=source,
        )
    correlation = np.abs(np.atleast_2d(np.corrcoef(values.T)))
    for first, second in np.argwhere(np.triu(correlation > _MAX_CORRELATION, 1)).tolist():
        raise InputError(
            _(
                "columns {one} and {two} say the same (correlation above {limit}); use one of "
                "them (--columns)"
            ).format(one=columns[first], two=columns[second], limit=_MAX_CORRELATION),
            source=source,
        )


def check_reference(reference: Measurements) -> None:
    """Refuse samples that cannot be a reference.

    Raises
    ------
    UsageError, InputError
        If they have no classes, one class or too many, or columns that say the same.
    """
    if reference.classes is None:
        raise UsageError(_("the reference needs the class of each sample (--class-column)"))
    _check_classes(reference)
    check_columns(reference, reference.columns, reference.values, np.array(reference.classes))


def _check_classes(reference: Measurements) -> None:
    classes = sorted(set(reference.classes or ()))
    if not 2 <= len(classes) <= _MAX_CLASSES:
        raise InputError(
            _(
                "found {count} classes ({names}); expected 2 to {most}. Is this the column with "
                "classes?"
            ).format(count=len(classes), names=printable(", ".join(classes)), most=_MAX_CLASSES),
            source=reference.source or None,
        )


def check_tables(questioned: Measurements, reference: Measurements) -> None:
    """Refuse tables that do not fit each other, or cannot be a reference and its samples."""
    sample_file = questioned.source or None
    if reference.classes is None:
        raise UsageError(_("the reference needs the class of each sample (--class-column)"))
    if questioned.columns != reference.columns:
        raise InputError(
            _("found the measurements {found}; the reference has {expected}").format(
                found=", ".join(questioned.columns), expected=", ".join(reference.columns)
            ),
            source=sample_file,
        )
    for column, unit, expected in zip(reference.columns, questioned.units, reference.units):
        # Older tables call VPDB PDB and VSMOW SMOW; the V-scales were made to agree with those.
        scales = {text.replace(" V", " ") for text in (unit, expected)}
        if len(scales) == 2 and scales.isdisjoint({"", PER_MIL}):
            raise InputError(
                _(
                    "column {name} is in {found}; the reference has it in {expected}. Bring both to "
                    "one unit and scale"
                ).format(name=column, found=printable(unit), expected=printable(expected)),
                source=sample_file,
            )
    repeated = [name for name, count in Counter(questioned.names).items() if count > 1]
    if repeated:
        raise InputError(
            _(
                "{name} stands twice; average repeated measurements, or give each a name of its own"
            ).format(name=printable(repeated[0])),
            source=sample_file,
        )
    _check_classes(reference)
    reference_rows = set(zip(reference.names, map(repr, reference.values.tolist())))
    for row in zip(questioned.names, map(repr, questioned.values.tolist())):
        if row in reference_rows:
            raise InputError(
                _(
                    "{name} is in the reference, too, with the same values: it would be compared "
                    "with itself. Take it out of one of both"
                ).format(name=printable(row[0])),
                source=sample_file,
            )
