#!/usr/bin/env python3
"""What is promised of whole trees, on real ones.

    tests/safety/run.py --unleak target/release/unleak DIR…     each directory, in copies:
        -w, and -w again, which must change nothing and offer nothing;
        the output with -j 1, with -j 8, and with the files made in another order (on a file system in memory, where
        the order of a listing is that of making) must be the same bytes
    tests/safety/run.py --unleak target/release/unleak --prove DIR…
        -w --verify=always and --unsafe-fixes in a copy of all that is in each directory (a GOROOT's own go command is
        the one that is asked): a table of the fixes that Go refuses, each with its words, which must be empty
    tests/safety/run.py --unleak target/release/unleak --synthetic 100000 [--modules 97]
        a made-up tree of so many files, in one module or several: peak memory and time of a run

The last line is the verdict; the exit code 1 says that a promise was broken.
"""

import argparse
import collections
import os
import pathlib
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

FILES_OF_A_PACKAGE = 20


def go_files(root):
    found = []
    for directory, below, names in os.walk(root):
        below[:] = [name for name in below if name != ".git"]
        found += [os.path.join(directory, name) for name in names
                  if name.endswith(".go") or name in ("go.mod", "go.work", "modules.txt", ".gitignore", "VERSION")]
    return sorted(os.path.relpath(path, root) for path in found)


def copy(source, target, names):
    for name in names:
        place = os.path.join(target, name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        shutil.copyfile(os.path.join(source, name), place)


def contents(root):
    return {name: pathlib.Path(root, name).read_bytes() for name in go_files(root)}


def run(unleak, root, cache, *arguments):
    """Exit code, standard output, standard error."""
    done = subprocess.run([unleak, *arguments, "."], cwd=root, capture_output=True,
                          env={**os.environ, "XDG_CACHE_HOME": cache, "GIT_CEILING_DIRECTORIES": os.path.dirname(root)})
    if done.returncode < 0:
        sys.exit(f"killed by signal {-done.returncode}: {done.stderr[-2000:].decode()}")
    return done.returncode, done.stdout, done.stderr


def summary(said):
    return said[2].decode(errors="replace").strip().splitlines()[-1].removeprefix("unleak: ")


def twice(unleak, source, names, flags):
    """Writes, and writes again: whether the second changed nothing."""
    with tempfile.TemporaryDirectory() as work:
        root, cache = os.path.join(work, "tree"), os.path.join(work, "cache")
        copy(source, root, names)
        before = contents(root)
        first = run(unleak, root, cache, "-w", "--verify=never", *flags)
        between = contents(root)
        second = run(unleak, root, cache, "-w", "--verify=never", *flags)
        after = contents(root)
        changed = [name for name in before if before[name] != between[name]]
        again = [name for name in between if between[name] != after.get(name)]
        dropping = sorted(set(after) ^ set(before))
        print(f"  -w {' '.join(flags)}: {summary(first)}; {len(changed)} files changed; "
              f"the second run changed {len(again)} {again[:5]}; files come or gone: {dropping}")
        return not again and not dropping


def same_bytes(unleak, source, names):
    """Whether neither threads nor the order of listings show."""
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    outputs = []
    for seed, jobs in ((None, 1), (None, 8), (1, 8), (2, 1)):
        with tempfile.TemporaryDirectory(dir=memory if seed else None) as work:
            # All under one name, which fingerprints and messages may have.
            root, cache = os.path.join(work, "tree"), os.path.join(work, "cache")
            order = list(names)
            if seed:
                random.Random(seed).shuffle(order)
            copy(source, root, order)
            code, text, notices = run(unleak, root, cache, "-j", str(jobs), "--unsafe-fixes", "--verbose")
            # Not the table of where the time went.
            notices = b"".join(line for line in notices.splitlines(True) if line.startswith(b"unleak: "))
            said = (code, text, notices)
            json = run(unleak, root, cache, "-j", str(jobs), "--unsafe-fixes", "--format", "json")
            outputs.append([part.replace(work.encode(), b"") if isinstance(part, bytes) else part
                            for part in said + json])
    same = all(output == outputs[0] for output in outputs)
    sizes = [len(part) for part in outputs[0] if isinstance(part, bytes)]
    print(f"  -j 1, -j 8, two shuffled orders: {'the same' if same else 'DIFFERENT'} "
          f"({sizes[0]} bytes of text, {sizes[1]} of notices, {sizes[2]} of JSON)")
    return same


NAMED_DROP = re.compile(r"unleak: (?P<place>.*?: line \d+): the fix of (?P<rule>\S+) is dropped: (?P<words>.*)")


def prove(unleak, source):
    """Whether Go refuses none of the fixes."""
    with tempfile.TemporaryDirectory() as work:
        root, cache = os.path.join(work, "tree"), os.path.join(work, "cache")
        subprocess.run(["cp", "-a", source, root], check=True)
        subprocess.run(["chmod", "-R", "u+w", root], check=True)
        inside = os.path.join(root, "src") if os.path.exists(os.path.join(root, "src/runtime")) else root
        before = contents(inside)
        started = time.monotonic()
        said = run(unleak, inside, cache, "-w", "--verify=always", "--unsafe-fixes")
        seconds = time.monotonic() - started
        after = contents(inside)
        changed = [name for name in before if before[name] != after.get(name)]
        dropped = [line.groupdict() for line in map(NAMED_DROP.match, said[2].decode(errors="replace").splitlines()) if line]
        unasked = [one for one in dropped if "go vet" not in one["words"] and not re.search(r"\.go:\d", one["words"])]
        refused = [one for one in dropped if one not in unasked]
        print(f"  {len(changed)} files changed in {seconds:.0f} s; {summary(said)}")
        print(f"  refused by Go: {len(refused)}; Go could not be asked about: {len(unasked)}")
        for why, count in collections.Counter(one["words"] for one in unasked).most_common():
            print(f"    {count} × {why}")
        for one in refused:
            print(f"    | {one['place']} | {one['rule']} | {one['words']} |")
        return not refused


def synthetic(unleak, count, modules):
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=memory) as root:
        if modules == 1:
            pathlib.Path(root, "go.mod").write_text("module example.com/big\n\ngo 1.25\n")
        written = 0
        for number in range(count):
            package = number // FILES_OF_A_PACKAGE
            above = pathlib.Path(root, f"d{package % (97 if modules == 1 else modules)}")
            directory = above / f"p{package}"
            if number % FILES_OF_A_PACKAGE == 0:
                directory.mkdir(parents=True)
            if modules > 1:
                (above / "go.mod").write_text(f"module example.com/{above.name}\n\ngo 1.25\n")
            # Code as it is: a type, methods, calls of the package and of the library, and in one file of a hundred a
            # leak of each kind.
            text = f"package p{package}\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\t\"time\"\n)\n\n"
            text += f"type T{number} struct {{\n\tname string\n\tdone chan struct{{}}\n}}\n\n"
            for method in range(12):
                text += (f"// M{method} opens what it is told to.\nfunc (t *T{number}) M{method}(n int) error {{\n"
                         f"\tf, err := os.Open(t.name)\n\tif err != nil {{\n\t\treturn fmt.Errorf(\"m: %w\", err)\n\t}}\n"
                         f"\tdefer f.Close()\n\tfor i := 0; i < n; i++ {{\n\t\tif _, err := f.Seek(int64(i), 0); err != nil {{\n"
                         f"\t\t\treturn err\n\t\t}}\n\t}}\n\treturn nil\n}}\n\n")
            text += f"func loop{number}(t *T{number}) {{\n\tgo func() {{\n\t\tfor {{\n\t\t\tselect {{\n\t\t\tcase <-t.done:\n\t\t\t\treturn\n"
            text += "\t\t\tcase <-time.After(time.Second):\n\t\t\t}\n\t\t}\n\t}()\n}\n"
            if number % 100 == 0:
                text += f"\nfunc leak{number}(name string) error {{\n\tf, err := os.Open(name)\n\tif err != nil {{\n\t\treturn err\n\t}}\n"
                text += "\t_, err = f.Stat()\n\treturn err\n}\n"
            (directory / f"f{number}.go").write_text(text)
            written += len(text)
        started = time.monotonic()
        said = run(unleak, root, os.path.join(root, ".cache"))
        seconds = time.monotonic() - started
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"{count} files, {written / 1e6:.0f} MB: {used.ru_maxrss / 1024:.0f} MiB at most, {seconds:.1f} s, "
              f"{used.ru_utime + used.ru_stime:.1f} s of processors; {summary(said)}")
        return said[0] in (0, 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--unleak", required=True, type=os.path.abspath)
    parser.add_argument("--prove", action="store_true")
    parser.add_argument("--synthetic", type=int, metavar="FILES")
    parser.add_argument("--modules", type=int, default=1)
    parser.add_argument("directories", nargs="*", metavar="DIR")
    asked = parser.parse_args()
    kept = True
    for source in asked.directories:
        if asked.prove:
            print(f"{os.path.basename(os.path.abspath(source))}:", flush=True)
            kept &= prove(asked.unleak, os.path.abspath(source))
            sys.stdout.flush()
            continue
        names = go_files(source)
        print(f"{os.path.basename(os.path.abspath(source))}: {len(names)} files", flush=True)
        kept &= twice(asked.unleak, source, names, [])
        kept &= twice(asked.unleak, source, names, ["--unsafe-fixes"])
        kept &= same_bytes(asked.unleak, source, names)
        sys.stdout.flush()
    if asked.synthetic:
        kept &= synthetic(asked.unleak, asked.synthetic, asked.modules)
    print("kept" if kept else "BROKEN")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
