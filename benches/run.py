#!/usr/bin/env python3
"""What a run costs, in one table: python3 benches/run.py [--peers] [--growth] [DIR...]

Builds the release program, then measures, each in the same run, over GOROOT/src and every DIR given: whole-process
wall and CPU seconds and peak memory of `unleak`, of a bare read and of a bare tree-sitter parse of the same files
(examples/bare.rs); with --peers also ast-grep, semgrep (as installed from PyPI) and golangci-lint (from the Go module
proxy), those that are in PATH. --growth measures a synthetic tree at 1x, 2x, 4x, 8x. Exits with 1 when a limit of
docs/performance.md is passed. Needs nothing but Python and Linux.
"""
import argparse
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RULES = ROOT / "benches" / "rules"


def measure(command, cwd=None, best=1):
    """(wall, cpu, MB) of a command: the run with the least CPU time of `best`."""
    runs = []
    for _ in range(best):
        start = time.monotonic()
        child = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - start
        if child.returncode < 0:
            sys.exit(f"{command[0]}: signal {-child.returncode}")
        runs.append((usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024))
    cpu, wall, memory = min(runs)
    return wall, cpu, memory


def version(command):
    said = subprocess.run(command, capture_output=True, text=True)
    return (said.stdout or said.stderr).strip().splitlines()[0]


class Limits:
    """Says what is over a limit."""

    def __init__(self):
        self.passed = True

    def check(self, what, value, limit):
        good = value <= limit
        self.passed &= good
        print(f"{'ok  ' if good else 'OVER'} {what}: {value:.3g} (limit {limit:.3g})")


def corpus(unleak, bare, directories, peers, limits, threads):
    files, size, lines = map(int, subprocess.run(
        [bare, "read", str(threads), *directories], capture_output=True, text=True).stdout.split())
    print(f"\n{files} files, {size / 1e6:.1f} MB, {lines / 1e6:.2f} M lines; {threads} threads\n")
    rows = [("bare read", measure([bare, "read", str(threads), *directories], best=2)),
            ("bare tree-sitter parse", measure([bare, "parse", str(threads), *directories], best=2)),
            ("unleak", measure([unleak, "--no-config", "-j", str(threads), *directories], best=3))]
    if peers:
        rows += [(name, measure(command, cwd)) for name, command, cwd in peers_of(directories)]
    parse = rows[1][1][1]
    print("| what | wall s | CPU s | peak MB | CPU / bare parse |\n| --- | ---: | ---: | ---: | ---: |")
    for name, (wall, cpu, memory) in rows:
        print(f"| {name} | {wall:.2f} | {cpu:.2f} | {memory:.0f} | {cpu / parse:.2f} |")
    print()
    _, own, memory = rows[2][1]
    limits.check("CPU of unleak / of the bare parse", own / parse, 0.35)
    limits.check("peak MB of unleak", memory, 400)


def peers_of(directories):
    if shutil.which("ast-grep"):
        yield "ast-grep, 15 rules", ["ast-grep", "scan", "-r", str(RULES / "ast-grep.yml"), *directories], None
    if shutil.which("semgrep"):
        yield "semgrep, 15 rules", ["semgrep", "scan", "--metrics=off", "--disable-version-check", "-q", "--config",
                                   str(RULES / "semgrep.yml"), *directories], None
    if shutil.which("golangci-lint"):
        for directory in directories:
            if pathlib.Path(directory, "go.mod").exists():
                subprocess.run(["golangci-lint", "cache", "clean"])
                yield f"golangci-lint, cold, {pathlib.Path(directory).name}", [
                    "golangci-lint", "run", "--no-config", "--default=none", "-E",
                    "bodyclose,sqlclosecheck,rowserrcheck,govet,gosec", "./..."], directory


def package(number):
    imports = "\n".join(f'\t"example.com/big/p{number + 1 + n}"' for n in range(2)) if number % 3 == 0 else ""
    calls = "\n".join(f"\tp{number + 1 + n}.Work()" for n in range(2)) if imports else ""
    functions = "\n".join(
        f"func name{n}(path string) (int64, error) {{\n\tf, err := os.Open(path)\n\tif err != nil {{\n\t\treturn 0, err\n"
        f"\t}}\n\tdefer f.Close()\n\tinfo, err := f.Stat()\n\tif err != nil {{\n\t\treturn 0, err\n\t}}\n"
        f"\treturn info.Size() + {n}, nil\n}}\n" for n in range(20))
    return (f'package p{number}\n\nimport (\n\t"os"\n\t"time"\n{imports}\n)\n\nfunc Work() {{\n{calls}\n\tgo func() {{\n'
            f"\t\tfor {{\n\t\t\ttime.Sleep(time.Second)\n\t\t}}\n\t}}()\n}}\n\n{functions}")


def module(root, packages):
    """A module of `packages` packages; every third imports the two after it."""
    root.mkdir(parents=True)
    (root / "go.mod").write_text("module example.com/big\n\ngo 1.25\n")
    for number in range(packages):
        directory = root / f"p{number}"
        directory.mkdir()
        text = package(number if number + 2 < packages else 1).replace("package p1\n", f"package p{number}\n")
        (directory / "a.go").write_text(text)


def synthetic(unleak, limits, growth):
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        empty = scratch / "empty"
        empty.mkdir()
        wall = min(measure([unleak], cwd=empty)[0] for _ in range(10))
        limits.check("start-up in an empty directory, ms", wall * 1000, 10)
        thousand = scratch / "thousand"
        module(thousand, 1000)
        one = [unleak, "--exit-zero", "p500/a.go"]
        wall = min(measure(one, cwd=thousand)[0] for _ in range(5))
        limits.check("one file of a module of 1,000 packages, ms", wall * 1000, 150)
        app = scratch / "deps"
        module(app, 501)
        imports = "\n".join(f'\t_ "example.com/big/p{n}"' for n in range(500))
        (app / "app").mkdir()
        (app / "app/a.go").write_text(package(1).replace("package p1", "package app").replace(
            '\t"os"', f'{imports}\n\t"os"'))
        wall = min(measure([unleak, "--exit-zero", "app"], cwd=app)[0] for _ in range(3))
        limits.check("a package with 500 dependencies, s", wall, 1)
        if growth:
            base = 1500
            measured = []
            for factor in (1, 2, 4, 8):
                tree = scratch / f"x{factor}"
                module(tree, base * factor)
                _, cpu, memory = measure([unleak, "--exit-zero", "-l"], cwd=tree, best=3)
                measured.append((factor, cpu, memory))
                print(f"{factor}x: {cpu:.2f} CPU s, {memory:.0f} MB")
            (_, cpu1, memory1), (_, cpu8, memory8) = measured[0], measured[-1]
            for factor, cpu, memory in measured[1:-1]:
                share = (factor - 1) / 7
                for what, value, low, high in (("time", cpu, cpu1, cpu8), ("memory", memory, memory1, memory8)):
                    line = low + share * (high - low)
                    limits.check(f"{what} at {factor}x off the line through 1x and 8x", abs(value / line - 1), 0.15)
            limits.check("time at 8x / 8 times that at 1x", cpu8 / (8 * cpu1), 1.15)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--no-build", action="store_true")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("directories", nargs="*", metavar="DIR")
    args = parser.parse_args()
    if not args.no_build:
        subprocess.run(["cargo", "build", "--release", "--bin", "unleak", "--example", "bare"], cwd=ROOT, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
    unleak, bare = str(target / "unleak"), str(target / "examples" / "bare")
    print(version([unleak, "--version"]), platform.machine(), f"{os.cpu_count()} cores", sep=", ")
    for command in (["go", "version"], ["ast-grep", "--version"], ["semgrep", "--version"], ["golangci-lint", "version"]):
        if shutil.which(command[0]) and (args.peers or command[0] == "go"):
            print(version(command))
    limits = Limits()
    goroot = subprocess.run(["go", "env", "GOROOT"], capture_output=True, text=True).stdout.strip()
    corpus(unleak, bare, [f"{goroot}/src"], args.peers, limits, args.threads)
    if args.directories:
        corpus(unleak, bare, args.directories, args.peers, limits, args.threads)
    synthetic(unleak, limits, args.growth)
    sys.exit(0 if limits.passed else 1)


if __name__ == "__main__":
    main()
