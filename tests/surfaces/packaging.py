"""How unleak gets to its users: the action, its installer, the releases, the pre-commit hooks."""

import json
import os
import pathlib
import re
import shutil
import tempfile

from tools import LEAK, ROOT, Module, go_file, pypi, run, sh

# Leaves out what is built with cargo, which takes minutes.
QUICK = False


def action(unleak):
    """action.yml and the examples by their schemas and actionlint; its script in each mode."""
    validate, lint = pypi("check-jsonschema"), pypi("actionlint")
    sh([validate, "--builtin-schema", "vendor.github-actions", ROOT / "action.yml"])
    workflows = [ROOT / "examples/ci/github.yml", ROOT / "examples/ci/reviewdog.yml",
                 *sorted((ROOT / ".github/workflows").glob("*.yml"))]
    sh([validate, "--builtin-schema", "vendor.github-workflows", *workflows])
    sh([validate, "--builtin-schema", "vendor.gitlab-ci", ROOT / "examples/ci/gitlab-ci.yml"])
    sh([lint, "-no-color", *workflows])
    # actionlint reads an action's metadata where a workflow of the same repository uses it.
    project = Module(unleak, {}, git=True)
    shutil.copy(ROOT / "action.yml", project.path)
    workflow = project.path / ".github/workflows/x.yml"
    workflow.parent.mkdir(parents=True)
    use = "on: push\njobs:\n  x:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: ./\n        id: u\n        with:\n          MODE: check\n      - run: echo ${{ steps.u.outputs.OUT }}\n"
    workflow.write_text(use.replace("MODE", "mode").replace("OUT", "sarif-file"))
    sh([lint, "-no-color"], cwd=project.path)
    for wrong in [use.replace("MODE", "mood").replace("OUT", "sarif-file"), use.replace("MODE", "mode").replace("OUT", "out")]:
        workflow.write_text(wrong)
        assert run([lint, "-no-color"], cwd=project.path, check=False).returncode == 1, wrong
    # It finds something when there is something.
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as broken:
        broken.write((ROOT / "action.yml").read_text().replace("using: composite", "usin: composite"))
        broken.flush()
        assert run([validate, "--builtin-schema", "vendor.github-actions", broken.name], check=False).returncode != 0
    text = go_file([LEAK.format(name="f").replace("return f.Name()", "return f.Name() // ::warning::x")])
    for mode, code in [("check", 1), ("sarif", 0), ("fix", 0), ("review", 2), ("nonsense", 2)]:
        module = Module(unleak, {"a.go": text})
        output = module.path / "github-output"
        output.touch()
        env = {key: value for key, value in os.environ.items() if not key.startswith("GITHUB_")}
        env.update(PATH=f"{unleak.parent}:{env['PATH']}", GITHUB_OUTPUT=str(output), UNLEAK_MODE=mode,
                   UNLEAK_PATHS="./...", UNLEAK_ARGS="", UNLEAK_SARIF_FILE="out.sarif", UNLEAK_PAYLOAD_FILE="p.json")
        done = run(["bash", ROOT / "ci/run.sh"], cwd=module.path, env=env, check=False)
        assert done.returncode == code, (mode, done.returncode, done.stdout, done.stderr)
        if mode == "sarif":
            assert json.loads((module.path / "out.sarif").read_text())["runs"][0]["results"]
            assert "sarif-file=out.sarif" in output.read_text()
        if mode == "fix":
            lines = done.stdout.splitlines()
            token = re.fullmatch("::stop-commands::(.*)", lines[0])[1]
            assert lines[-1] == f"::{token}::" and "defer f.Close()" in (module.path / "a.go").read_text()
    print("  action.yml and examples are valid; modes check, sarif, fix, review")


def install(unleak):
    """ci/install.sh: the release of this machine, as ci/package.sh packs it, and a wrong one; and the build with cargo."""
    release = re.findall(r"target: ([a-z0-9_-]+)", (ROOT / ".github/workflows/release.yml").read_text())
    asked = re.findall(r"target=([a-z0-9_-]+)", (ROOT / "ci/install.sh").read_text())
    assert sorted(release) == sorted(asked), (release, asked)
    with tempfile.TemporaryDirectory() as folder:
        home = pathlib.Path(folder)
        for name in ["bin", "assets", "runner"]:
            (home / name).mkdir()
        for target in release:
            sh(["bash", ROOT / "ci/package.sh", unleak, target], cwd=home / "assets")
        # gh, as far as the script asks it: copies the assets that the patterns name.
        (home / "bin/gh").write_text(
            "#!/usr/bin/env bash\nset -e\n[ \"$1 $2 $3 $4 $5\" = 'release download v1.2.3 --repo OWNER/unleak' ]\n"
            "while [ $# -gt 0 ]; do\n  case $1 in --dir) to=$2 ;; --pattern) cp \"$ASSETS/$2\" \"$to\" ;; esac\n  shift\ndone\n")
        (home / "bin/gh").chmod(0o755)
        path = home / "path"
        env = dict(os.environ, PATH=f"{home}/bin:{os.environ['PATH']}", ASSETS=str(home / "assets"),
                   RUNNER_TEMP=str(home / "runner"), GITHUB_PATH=str(path), UNLEAK_VERSION="v1.2.3",
                   GITHUB_ACTION_REPOSITORY="OWNER/unleak", UNLEAK_SOURCE=str(ROOT))
        said = sh(["bash", ROOT / "ci/install.sh"], env=env).stdout
        assert "unleak-" in said and ": OK" in said, said
        assert sh([pathlib.Path(path.read_text().strip()) / "unleak", "--version"]).stdout in said
        for asset in (home / "assets").glob("*.tar.gz"):
            asset.write_bytes(asset.read_bytes()[:-1] + b"x")
        path.unlink()
        broken = run(["bash", ROOT / "ci/install.sh"], env=env, check=False)
        assert broken.returncode != 0 and not path.exists(), "a download that is not what was released is not used"
        print("  the release is installed, a changed one is refused")
        if QUICK:
            return
        shutil.rmtree(home / "runner/unleak-bin")
        said = sh(["bash", ROOT / "ci/install.sh"], env=dict(env, UNLEAK_VERSION="")).stdout
        assert said.startswith("unleak ") and path.read_text().strip().endswith("unleak-bin"), said
        print("  the action's own source is built")


def precommit(unleak):
    """Both hooks through the real pre-commit, from a local git repository."""
    program = pypi("pre-commit")
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text()
    assert hooks.count("language: rust") == 2
    if QUICK:
        # The hooks as they are, but for the language: building with cargo takes minutes.
        hooks = hooks.replace("language: rust", "language: unsupported").replace("entry: unleak", f"entry: {unleak}")
        source = Module(unleak, {".pre-commit-hooks.yaml": hooks}, git=True)
    else:
        # The repository itself: pre-commit clones it and builds the program with cargo.
        source = Module(unleak, {})
        sh(["git", "clone", "-q", ROOT, source.path / "unleak"])
        source.path = source.path / "unleak"
    revision = source.git("rev-parse", "HEAD")
    for hook, files in [("unleak", ["a.go"]), ("unleak-repo", ["a.go", "sub/b.go"])]:
        leaky = {name: go_file([LEAK.format(name="f")], package="p") for name in ["a.go", "sub/b.go"]}
        module = Module(unleak, {"README": "x\n"}, git=True)
        config = f"repos:\n- repo: {source.path}\n  rev: {revision}\n  hooks:\n  - id: {hook}\n"
        (module.path / ".pre-commit-config.yaml").write_text(config)
        for name, text in leaky.items():
            (module.path / name).parent.mkdir(exist_ok=True)
            (module.path / name).write_text(text)
        module.git("add", ".pre-commit-config.yaml", "a.go", "go.mod")
        env = dict(os.environ, PRE_COMMIT_HOME=str(source.path / ".home"), PATH=f"{os.environ['PATH']}")
        once = run([program, "run"], cwd=module.path, env=env, check=False)
        assert once.returncode == 1 and "files were modified by this hook" in once.stdout, once.stdout + once.stderr
        for name in leaky:
            changed = "defer f.Close()" in (module.path / name).read_text()
            assert changed == (name in files), (hook, name)
        module.git("add", "a.go")
        again = run([program, "run"], cwd=module.path, env=env, check=False)
        assert again.returncode == 0, again.stdout + again.stderr
        assert not [name for name in os.listdir(module.path) if name.startswith(".unleak")], "droppings"
        print(f"  {hook}: modifies, fails, then passes")
