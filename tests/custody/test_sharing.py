"""Two users of one computer, in a folder of their group, write one ledger."""

import os
import shutil
import stat
import tempfile
import traceback
from contextlib import contextmanager
from pathlib import Path

import pytest
from laboratory import Laboratory

from forensics.custody import open_ledger, verify
from forensics.store.connections import new_ledger_mode, share_like

pytestmark = pytest.mark.skipif(os.name != "posix", reason="users and groups are those of POSIX")
as_root = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only root can act as two users"
)

GROUP, OTHER_GROUP = 54_400, 54_401
AMINA, BRUNO, STRANGER = 54_321, 54_322, 54_323


@contextmanager
def umask(mask):
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def acting(user, act, *, groups=(GROUP,), primary=None):
    """Run `act` in a process of `user`; raise what went wrong there."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:  # no test goes on here: the process ends with the code
        try:
            os.close(reading)
            os.setgroups(groups)
            os.setgid(primary or user)
            os.setuid(user)
            os.umask(0o022)
            act()
            os._exit(0)
        except BaseException:
            os.write(writing, traceback.format_exc().encode()[-4000:])
            os._exit(1)
    os.close(writing)
    with open(reading, "rb") as stream:
        told = stream.read().decode()
    _child, status = os.waitpid(child, 0)
    assert status == 0, told


@pytest.fixture
def shared():
    """A folder that everybody can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="forensics-shared-"))
    os.chmod(folder, 0o755)
    yield folder
    shutil.rmtree(folder)


def attach(lab, person, content):
    with open_ledger(lab.path, key=lab.keys[person], clock=lab.clock) as ledger:
        ledger.attach(case="C1", description="x", attachments=[content])
        ledger.sign_head()


@pytest.fixture
def lab(shared, tmp_path):
    """A ledger in a folder of the group, made by amina; nothing is open."""
    home = shared / "lab"
    home.mkdir()
    lab = Laboratory.founded(home)
    lab.close()
    page = shared / "page.txt"
    page.write_bytes(b"a page")
    os.chmod(page, 0o644)
    # What is imported later could lie where the other users may not read.
    attach(lab, "amina", page)
    assert verify(lab.path).ok
    lab.page, lab.other = page, shared / "other.txt"
    lab.other.write_bytes(b"another page")
    os.chmod(lab.other, 0o644)
    for path in (home, *home.rglob("*")):
        os.chown(path, AMINA, GROUP)
    return lab


@as_root
@pytest.mark.parametrize("setgid", [True, False])
def test_a_second_user_of_the_group_writes_after_the_first(lab, setgid):
    os.chmod(lab.folder, 0o2770 if setgid else 0o770)
    os.chmod(lab.path, 0o660)
    shutil.rmtree(f"{lab.path}.files")
    for name in ("lock", "turn"):
        Path(f"{lab.path}.{name}").unlink()
    acting(AMINA, lambda: attach(lab, "amina", lab.page))
    acting(BRUNO, lambda: attach(lab, "bruno", lab.other))
    acting(AMINA, lambda: attach(lab, "amina", lab.other))
    for path in lab.folder.rglob("*"):
        found = path.stat()
        assert found.st_gid == GROUP, path
        assert found.st_mode & 0o060 == 0o060 and not found.st_mode & 0o007, (path, found.st_mode)


@as_root
def test_two_users_have_it_open_at_once(lab):
    os.chmod(lab.folder, 0o770)
    os.chmod(lab.path, 0o660)
    for path in lab.folder.rglob("*"):
        if path != lab.path:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def both():
        ready, go = os.pipe()

        def first():
            with open_ledger(lab.path, key=lab.keys["amina"], clock=lab.clock) as ledger:
                ledger.attach(case="C1", description="x", attachments=[lab.page])
                os.write(go, b"x")
                os.read(done, 1)  # the log is still there, and amina's

        done, finish = os.pipe()
        child = os.fork()
        if not child:
            try:
                acting(AMINA, first)
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                os.write(go, b"x")
                os._exit(1)
        os.read(ready, 1)
        try:
            acting(BRUNO, lambda: attach(lab, "bruno", lab.other))
        finally:
            os.write(finish, b"x")
            _child, status = os.waitpid(child, 0)
        assert status == 0

    both()
    assert verify(lab.path, files=f"{lab.path}.files").ok


@as_root
def test_who_is_not_of_the_group_is_told_and_nothing_is_recorded(lab):
    os.chmod(lab.folder, 0o775)
    os.chmod(lab.path, 0o664)
    size = lab.size
    lab.close()

    def refused():
        from forensics.errors import ForensicsError

        with pytest.raises(ForensicsError, match="nothing was"):
            attach(lab, "bruno", lab.other)

    acting(STRANGER, refused, groups=(OTHER_GROUP,))
    assert lab.size == size


@as_root
def test_a_lock_of_before_that_the_group_may_not_write_is_named(lab):
    os.chmod(lab.folder, 0o770)
    os.chmod(lab.path, 0o660)
    os.chmod(f"{lab.path}.files", 0o2770)
    os.chmod(f"{lab.path}.lock", 0o644)

    def refused():
        from forensics.errors import ForensicsError

        with pytest.raises(ForensicsError, match=r"laboratory\.db\.(lock|turn).*chmod g\+w"):
            attach(lab, "bruno", lab.other)

    acting(BRUNO, refused)
    acting(AMINA, lambda: attach(lab, "amina", lab.other))  # the owner's next act mends it
    acting(BRUNO, lambda: attach(lab, "bruno", lab.other))


def test_a_ledger_in_a_folder_of_a_group_is_writable_for_it(tmp_path):
    folder = tmp_path / "shared"
    folder.mkdir()
    os.chmod(folder, 0o2770)
    assert folder.stat().st_mode & stat.S_ISGID
    with umask(0o022):
        lab = Laboratory.founded(folder)
        lab.amina.attach(case="C1", description="x", attachments=[lab.photo()])
        lab.close()
    for path in folder.rglob("*"):
        assert path.stat().st_mode & 0o060 == 0o060, path


@pytest.mark.parametrize("mode", [0o755, 0o775, 0o2755])
def test_in_any_other_folder_a_ledger_is_writable_for_its_owner(tmp_path, mode):
    os.chmod(tmp_path, mode)
    assert new_ledger_mode(tmp_path, 0o644) == 0o644


def test_a_link_beside_the_ledger_is_not_followed(tmp_path):
    ledger, target = tmp_path / "a.db", tmp_path / "private"
    ledger.touch(0o666)
    target.touch(0o600)
    os.chmod(ledger, 0o666)
    (tmp_path / "a.db-wal").symlink_to(target)
    share_like(ledger, tmp_path / "a.db-wal")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
