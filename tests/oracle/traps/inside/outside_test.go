package inside_test

import (
	"testing"

	. "example.com/traps/inside"
)

func TestOutside(t *testing.T) {
	New().Helper().Open().Close()
	Exported().Open().Sync()
	thing := New()
	thing.Open()
}
