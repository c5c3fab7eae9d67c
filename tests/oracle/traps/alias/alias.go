// Package alias names types twice.
package alias

import (
	"io"
	"os"

	"example.com/traps/odd-dir"
)

type File = os.File

type FilePointer = *os.File

type own struct{ io.Closer }

type ownAlias = own

type ownPointer = *own

func (o ownAlias) Value() int { return 0 }

func (o *ownAlias) Pointer() int { return 0 }

func (o ownPointer) ByPointerAlias() int { return 0 }

type Generic[T any] struct{ v T }

func (g *Generic[T]) Close() error { return nil }

type Strings = Generic[string]

type Partly[T any] = Generic[[]T]

type Embeds struct {
	*File
	ownAlias
}

type Callback = func(int) (*File, error)

type Closer = interface{ Close() error }

type Same Closer

type Again = weird.Alias

func use(f File, p FilePointer, c Callback, cl Closer, s Same, a Again, w weird.Pointer) {
	f.Close()
	p.Close()
	own{}.Value()
	new(ownAlias).Pointer()
	new(own).ByPointerAlias()
	ownPointer(nil).Close()
	new(Strings).Close()
	new(Partly[int]).Close()
	var e Embeds
	e.File.Close()
	e.Name()
	e.Value()
	x, _ := c(1)
	x.Sync()
	cl.Close()
	s.Close()
	a.Close()
	w.Close()
}
