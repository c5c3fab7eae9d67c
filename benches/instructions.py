#!/usr/bin/env python3
"""How many instructions runs take, against committed figures: benches/instructions.py [--update] PROGRAM

Runs a debug build of `unleak` under valgrind on code that this script writes, so that the figures depend on nothing but
the program and the compiler: no clock, no load, no Go toolchain, no module cache. Fails when a run takes more than 12 %
above its figure in benches/instructions.json. A change that is worth its instructions, or a new compiler, updates the
figures with --update; the change of that file then says in a review what the feature costs.

Without valgrind nothing is measured, which is said; UNLEAK_REQUIRE_VALGRIND=1 makes that a failure.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import run

FIGURES = pathlib.Path(__file__).with_name("instructions.json")
# Two runs of one program differ by less than 0.01 % (hash seeds); two builds of it on other machines by their paths.
TOLERANCE = 0.12
PACKAGES = 30

# Bodies that no rule can leave out unread: literals of all of them, most without a leak.
TYPICAL = '''package typical

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

type Store struct {
	mu   sync.Mutex
	db   *sql.DB
	done chan struct{}
	rows map[string][]int
}

type closer interface {
	Close() error
}

func (s *Store) Close() error {
	close(s.done)
	return s.db.Close()
}

func (s *Store) Start(every time.Duration) {
	go func() {
		t := time.NewTicker(every)
		defer t.Stop()
		for {
			select {
			case <-s.done:
				return
			case <-t.C:
				s.collect()
			}
		}
	}()
}

func (s *Store) collect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, values := range s.rows {
		for i := range values {
			values[i]++
		}
		if len(values) > 10 {
			delete(s.rows, key)
		}
	}
}

func (s *Store) Names(ctx context.Context) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, "select name from t")
	if err != nil {
		return nil, fmt.Errorf("names: %w", err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

func Lines(path string) (int, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	lines := 0
	scanner := bufio.NewScanner(f)
	for scanner.Scan() {
		lines++
	}
	return lines, scanner.Err()
}

func Fetch(client *http.Client, url string) ([]byte, error) {
	resp, err := client.Get(url)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, resp.Status)
	}
	return io.ReadAll(resp.Body)
}

func First(urls []string) string {
	found := make(chan string)
	for _, url := range urls {
		go func() { found <- url }()
	}
	select {
	case url := <-found:
		return url
	case <-time.After(time.Second):
		return ""
	}
}

func All(paths []string) error {
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		if _, err := io.Copy(io.Discard, f); err != nil {
			return err
		}
	}
	return nil
}
'''


def instructions(program, arguments, directory, scratch, code=0):
    """Instructions of a run with one worker."""
    environment = {"PATH": "", "HOME": str(scratch), "GOROOT": str(scratch / "none"), "GOMODCACHE": str(scratch / "none")}
    command = [shutil.which("valgrind"), "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null",
               program, "--no-config", "--exit-zero", "-j1", *arguments]
    said = subprocess.run(command, cwd=directory, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True)
    counted = re.search(r"I\s+refs:\s+([\d,]+)", said.stderr)
    if said.returncode != code or not counted:
        sys.exit(f"{' '.join(command)}: {said.stderr}")
    return int(counted[1].replace(",", ""))


def measure(program):
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        (scratch / "empty").mkdir()
        module = scratch / "module"
        run.module(module, PACKAGES)
        for number in range(10):
            (module / f"t{number}").mkdir()
            (module / f"t{number}" / "a.go").write_text(TYPICAL)
        yield "start-up in an empty directory", instructions(
            program, [], scratch / "empty", scratch, code=2)  # no Go files
        yield "a module of 40 packages", instructions(program, [], module, scratch)
        yield "one file of it", instructions(program, ["p9/a.go"], module, scratch)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("program")
    args = parser.parse_args()
    if not shutil.which("valgrind"):
        required = os.environ.get("UNLEAK_REQUIRE_VALGRIND")
        print("instructions: valgrind is not installed; nothing was measured", file=sys.stderr)
        sys.exit(1 if required else 0)
    known = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    measured = {}
    failed = False
    for what, count in measure(str(pathlib.Path(args.program).resolve())):
        measured[what] = count
        before = known.get(what)
        change = count / before - 1 if before else 0
        over = before is None or change > TOLERANCE
        failed |= over
        print(f"{'OVER' if over else 'ok  '} {what}: {count / 1e6:.1f} M instructions ({change:+.1%})")
    if args.update:
        FIGURES.write_text(json.dumps(measured, indent=2) + "\n")
    elif failed:
        print(f"a run takes {TOLERANCE:.0%} more instructions than {FIGURES.name} says. If that is what the change is "
              f"worth: {pathlib.Path(__file__).name} --update {args.program}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
