"""Reviews on pull requests: through reviewdog, and `unleak github` by GitHub's own description."""

import http.server
import json
import os
import pathlib
import re
import tempfile
import threading

from tools import LEAK, NO_FIX, ROOT, Module, go_file, npm, reviewdog, sh


class GitHub(http.server.BaseHTTPRequestHandler):
    """As much of GitHub as reviewdog's reporter asks for."""

    reviews = []
    sha = ""

    def reply(self, body, status=200):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        path = self.path.split("?")[0]
        if path.endswith("/pulls/7"):
            if "diff" in self.headers.get("Accept", ""):
                data = GitHub.diff.encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
                return
            repo = {"owner": {"login": "o"}, "name": "r"}
            self.reply({"number": 7, "head": {"sha": GitHub.sha, "repo": repo}, "base": {"sha": GitHub.base, "repo": repo}})
        elif path.endswith("/comments") or path.endswith("/files"):
            self.reply([])
        else:
            self.reply({"permissions": {}, "owner": {"login": "o"}, "name": "r"})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/reviews"):
            GitHub.reviews.append(body)
        self.reply({"id": 1})

    def log_message(self, *_):
        pass


def reviewdog_check(unleak):
    """rdjson and rdjsonl through the real reviewdog: the local reporter, and GitHub's against a server on loopback."""
    program, _ = reviewdog()
    module = Module(unleak, {"README": "x\n"}, git=True)
    GitHub.base = module.git("rev-parse", "HEAD")
    long = go_file([LEAK.format(name=f"f{at}") for at in range(3)] + [NO_FIX.format(name="g")])
    (module.path / "a.go").write_text(long)
    module.git("add", "-A", "-N")
    for format in ["rdjson", "rdjsonl"]:
        printed = module.run("--format", format, "--exit-zero", code=0)
        local = sh([program, f"-f={format}", "-reporter=local", "-diff=git diff"], cwd=module.path, input=printed, check=False)
        told = [line for line in local.stdout.splitlines() if '"a.go"' in line]
        assert len(told) == 4, local.stdout + local.stderr
    GitHub.sha = module.commit()
    GitHub.diff = module.git("diff", GitHub.base, GitHub.sha) + "\n"
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), GitHub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    env = {key: value for key, value in os.environ.items() if not key.startswith("GITHUB_")}
    env.update(GITHUB_API=f"http://127.0.0.1:{server.server_port}/", CI_PULL_REQUEST="7", CI_COMMIT=GitHub.sha,
               CI_REPO_OWNER="o", CI_REPO_NAME="r", REVIEWDOG_GITHUB_API_TOKEN="t")
    printed = module.run("--format", "rdjson", "--exit-zero", code=0)
    done = sh([program, "-f=rdjson", "-reporter=github-pr-review", "-name=unleak"], cwd=module.path, input=printed, env=env)
    server.shutdown()
    comments = [comment for review in GitHub.reviews for comment in review.get("comments", [])]
    suggestions = [comment for comment in comments if "```suggestion" in comment["body"]]
    assert len(comments) == 4, (done.stderr, comments)
    assert len(suggestions) == 3 and "suggestion error" not in str(comments), comments
    lines = long.split("\n")
    for comment in sorted(suggestions, key=lambda comment: -comment["line"]):
        new = re.search(r"```suggestion\n(.*?)```", comment["body"], re.S)[1].split("\n")[:-1]
        lines[comment.get("start_line", comment["line"]) - 1:comment["line"]] = new
    module.run("-w")
    assert "\n".join(lines) == (module.path / "a.go").read_text(), "accepted suggestions are what -w writes"
    print(f"  local reporter; GitHub reporter: {len(comments)} comments, {len(suggestions)} suggestions, as -w writes")


def prism(unleak):
    """Every request of `unleak github` by GitHub's own description."""
    description = npm("@octokit/openapi") / "generated/api.github.com.json"
    program = npm("@stoplight/prism-cli").parents[1] / ".bin/prism"
    whole = json.loads(description.read_text())
    # Prism needs minutes to read all of GitHub: the paths that are used, with what they refer to.
    used = ["/user", "/repos/{owner}/{repo}/pulls/{pull_number}", "/repos/{owner}/{repo}/pulls/{pull_number}/comments",
            "/repos/{owner}/{repo}/pulls/{pull_number}/reviews", "/repos/{owner}/{repo}/pulls/comments/{comment_id}"]
    whole["paths"] = {path: whole["paths"][path] for path in used}
    whole.pop("webhooks", None)
    whole.pop("x-webhooks", None)
    with tempfile.TemporaryDirectory() as folder:
        part = pathlib.Path(folder) / "github.json"
        part.write_text(json.dumps(whole))
        env = dict(os.environ, UNLEAK_PRISM=str(program), UNLEAK_OPENAPI=str(part))
        test = ["cargo", "test", "--test", "github", "--", "--ignored", "--nocapture"]
        done = sh(test, cwd=ROOT, env=env)
        assert "1 passed" in done.stdout, done.stdout
    print("  every request is valid")
