package inside

import "testing"

// Helper is there for the tests only.
func (t *Thing) Helper() *Thing { return t }

var Exported = New().Helper

func TestInside(t *testing.T) {
	New().Helper().Open().Close()
	t.Run("x", func(t *testing.T) { t.Cleanup(func() { New().file.Close() }) })
}
