"""Which library a workshop has: that of the panel where it is installed, or the embedded one."""

import sys

import pytest

from forensics.barcode.reference.library import LibraryError
from forensics.training import workshop_library
from forensics.training.workshop import PANEL


def test_without_the_library_of_the_panel_it_is_the_embedded_one_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    told = []
    assert workshop_library(tell=told.append).name == "embedded"
    (line,) = told
    assert "embedded" in line and f"{PANEL} is not installed" in line


def test_the_library_that_the_bundle_installed_is_used(tmp_path, monkeypatch, library_folder):
    place = tmp_path / "libraries" / PANEL
    place.parent.mkdir()
    place.symlink_to(library_folder, target_is_directory=True)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    told = []
    assert workshop_library(tell=told.append).path.samefile(library_folder)
    assert "embedded" not in told[0] and "not installed" not in told[0]


def test_a_folder_that_is_given_must_be_a_library(tmp_path):
    with pytest.raises(LibraryError, match="is not a library"):
        workshop_library(tmp_path, tell=str)
