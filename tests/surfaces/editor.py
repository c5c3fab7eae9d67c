"""`unleak lsp` in a real editor: Neovim, headless."""

import json
import os
import tempfile

from tools import LEAK, Module, go_file, pypi, sh

# Opens the file, waits for the finding, applies its quick fix, saves; then what editors do on save, on the other leak.
SCRIPT = """
local out = assert(io.open(vim.env.SAID, 'w'))
local function say(value) out:write(vim.json.encode(value) .. '\\n') out:flush() end
local ok, problem = pcall(function()
  vim.cmd.edit(vim.env.FILE)
  local client = assert(vim.lsp.start({ name = 'unleak', cmd = { vim.env.UNLEAK, 'lsp' }, root_dir = vim.env.ROOT }))
  local function found(count)
    assert(vim.wait(20000, function() return #vim.diagnostic.get(0) == count end, 20), 'diagnostics')
    return vim.diagnostic.get(0)
  end
  local first = found(2)
  say(first)
  vim.api.nvim_win_set_cursor(0, { first[1].lnum + 1, first[1].col })
  vim.lsp.buf.code_action({ apply = true, filter = function(action) return action.kind == 'quickfix' end })
  say(found(1))
  vim.lsp.buf.code_action({ apply = true, context = { only = { 'source.fixAll.unleak' }, diagnostics = {} } })
  found(0)
  vim.cmd.write()
  vim.lsp.stop_client(client)
  assert(vim.wait(5000, function() return #vim.lsp.get_clients() == 0 end, 20), 'the server stays')
end)
say({ ok = ok, problem = tostring(problem) })
vim.cmd('qall!')
"""


def editor(unleak):
    program = pypi("nvim")
    functions = [LEAK.format(name=name) for name in ["f", "g"]]
    text = go_file(functions).replace("f, err", "/* é𝄞 */ f, err")
    module = Module(unleak, {"a b.go": text})
    with tempfile.TemporaryDirectory() as home:
        script, said = f"{home}/check.lua", f"{home}/said"
        with open(script, "w") as file:
            file.write(SCRIPT)
        env = dict(os.environ, SAID=said, FILE=str(module.path / "a b.go"), UNLEAK=str(unleak), ROOT=str(module.path),
                   XDG_STATE_HOME=home, XDG_DATA_HOME=home, XDG_CONFIG_HOME=home)
        sh([program, "--headless", "--clean", "-n", "-S", script], env=env, timeout=60)
        first, second, end = map(json.loads, open(said).read().splitlines())
    assert end["ok"], end
    assert [one["source"] for one in first] == ["unleak"] * 2 and len(second) == 1
    fixed = (module.path / "a b.go").read_text()
    (module.path / "a b.go").write_text(text)
    module.run("-w", "--verify=never")
    assert fixed == (module.path / "a b.go").read_text(), "the editor saved what -w writes"
    print("  Neovim: diagnostics, quick fix, fix all, save")
