"""Disks for the tests of faults: an ext4 whose power can be cut, a small tmpfs, faults injected into a running process."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import signal
import struct
import subprocess

import fcntl

EXT4_IOC_SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32)
EXT4_GOING_FLAGS_NOLOGFLUSH = 2


class Unmountable(Exception):
    """The machine does not let this process mount."""


def run(*command) -> None:
    result = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if result.returncode != 0:
        raise Unmountable(f"{' '.join(map(str, command))}: exit {result.returncode}: {result.stderr.strip()}")


def may_mount() -> str | None:
    """`None`, or why this machine cannot mount. Being root without being allowed to is not a reason to skip: it fails."""
    if os.geteuid() != 0:
        return "mounting needs root; run the tests as root, as CI does"
    if not shutil.which("mkfs.ext4"):
        return "mkfs.ext4 is missing; scripts/setup.sh installs e2fsprogs"
    return None


class LoopDisk:
    """An ext4 in a file. `cut` is a power cut: nothing that is not on the disk by then will ever be, the journal included."""

    def __init__(self, folder: pathlib.Path, megabytes: int = 256):
        self.image, self.path = folder / "disk.img", folder / "disk"
        self.path.mkdir()
        with open(self.image, "wb") as image:
            image.truncate(megabytes << 20)
        run("mkfs.ext4", "-q", "-F", self.image)
        self.is_mounted = False
        self.mount()

    def mount(self) -> None:
        run("mount", "-o", "loop", self.image, self.path)
        self.is_mounted = True

    def cut(self) -> None:
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, EXT4_IOC_SHUTDOWN, struct.pack("I", EXT4_GOING_FLAGS_NOLOGFLUSH))
        finally:
            os.close(descriptor)

    def unmount(self) -> None:
        if self.is_mounted:
            run("umount", self.path)
            self.is_mounted = False

    def remount(self) -> None:
        self.unmount()
        self.mount()


class SmallDisk:
    """A tmpfs of a fixed size."""

    def __init__(self, folder: pathlib.Path, megabytes: int):
        self.path = folder / "small"
        self.path.mkdir()
        run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", self.path)

    def fill(self) -> pathlib.Path:
        """Takes all the room there is; remove the file to give it back."""
        ballast = self.path / "ballast"
        with open(ballast, "wb", buffering=0) as file:
            block = b"\xa5" * 65536
            while block:
                try:
                    file.write(block)
                except OSError:
                    block = block[: len(block) // 2]
        return ballast

    def unmount(self) -> None:
        run("umount", self.path)


class Injection:
    """strace attached to a running process: `fdatasync:error=EIO:when=3`, `fdatasync:delay_enter=200000`."""

    def __init__(self, pid: int, fault: str, log: pathlib.Path):
        call = fault.split(":")[0]
        self.process = subprocess.Popen(
            ["strace", "-f", "-p", str(pid), "-e", f"trace={call}", "-e", f"inject={fault}", "-o", str(log)],
            stderr=subprocess.PIPE, text=True)
        said = self.process.stderr.readline()
        assert "attached" in said, f"strace could not attach: {said}"
        self.log = log

    def detach(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        self.process.stderr.close()

    @property
    def hits(self) -> int:
        return self.log.read_text().count("(INJECTED)") if self.log.exists() else 0


class MemoryLimit:
    """A control group with a bound on memory, of version 1 or 2, for a process that runs already."""

    def __init__(self, name: str, megabytes: int):
        root = pathlib.Path("/sys/fs/cgroup")
        self.is_old = (root / "memory").is_dir()
        self.path = (root / "memory" if self.is_old else root) / name
        try:
            self.path.mkdir()
            (self.path / ("memory.limit_in_bytes" if self.is_old else "memory.max")).write_text(str(megabytes << 20))
        except OSError as error:
            raise Unmountable(f"no control group for memory can be made here: {error}") from error

    @contextlib.contextmanager
    def around_children(self):
        """What is started inside belongs to the group; this process goes back to where it was."""
        rows = [row.split(":", 2) for row in pathlib.Path("/proc/self/cgroup").read_text().splitlines()]
        home = next(path for _, controllers, path in rows if controllers == ("memory" if self.is_old else ""))
        mine = str(os.getpid())
        (self.path / "cgroup.procs").write_text(mine)
        try:
            yield
        finally:
            (self.path.parent / home.lstrip("/") / "cgroup.procs").write_text(mine)

    @property
    def kills(self) -> int:
        text = (self.path / ("memory.oom_control" if self.is_old else "memory.events")).read_text()
        return sum(int(value) for key, value in (row.split() for row in text.splitlines()) if key == "oom_kill")

    def remove(self) -> None:
        self.path.rmdir()
