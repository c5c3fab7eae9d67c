// A command that runs longer than anybody waits.
package main

import (
	"context"
	"os/exec"

	"example.com/calls/wait"
)

func main() {
	wait.Ends(func(ctx context.Context) error { return run(ctx) })
}

func run(ctx context.Context) error {
	return exec.Command("sleep", "5").Run()
}
