// Package promote embeds.
package promote

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"sync"
)

type A struct {
	B
	C
}

type B struct{ D }

type C struct{ E }

type D struct{}

type E struct{ x int }

func (D) M() {}

func (E) N() int { return 0 }

func (C) O() string { return "" }

// F has a field that hides a promoted method.
type F struct {
	*A
	O func() error
}

type Al = F

// Twice has M at the same depth twice: it has none.
type Twice struct {
	D
	Other
}

type Other struct{}

func (Other) M() {}

func (Other) Own() {}

// Worker promotes through a pointer from another package.
type Worker struct {
	*bufio.Reader
	sync.Mutex
	files map[string]func(int) (*os.File, error)
}

func (w *Worker) run() {}

func (w Worker) Stop() {}

type ReadClose interface {
	io.ReadCloser
	Extra() ReadClose
}

type PointerTo *E

type Defined Worker

type Func func(int) Num

func (f Func) Do(i int) Num { return f(i) }

type Num int

const (
	N0 Num = iota
	N1
	N2
)

func (n Num) String() string { return "" }

type Workers []*Worker

func (w Workers) First() *Worker { return w[0] }

// Recursive embeds itself.
type Recursive struct {
	*Recursive
	os.File
}

// Deep takes Close from the interface at depth 1, not from the file at depth 2.
type Deep struct {
	closes
	wrapped
}

type closes struct{ io.Closer }

type wrapped struct{ inner }

type inner struct{ *os.File }

func use() {
	a := &A{}
	a.M()
	a.N()
	a.O()
	a.B.M()
	var f Al
	f.O()
	f.A.O()
	f.M()
	(*A).O(a)
	A.N(*a)
	value := a.N
	value()
	expression := (*Worker).run
	expression(nil)
	func(Worker) {}(Worker{})
	interfaceExpression := io.Closer.Close
	interfaceExpression(nil)
	io.Closer.Close(nil)
	w := Worker{}
	w.Stop()
	w.ReadString('\n')
	w.Lock()
	w.files["x"](1)
	file, _ := w.files["y"](2)
	file.Close()
	var t Twice
	t.Own()
	t.D.M()
	var rc ReadClose
	rc.Extra().Extra().Close()
	rc.Read(nil)
	type local struct {
		ReadClose
		*http.Server
	}
	var l local
	l.Extra()
	l.Server.Close()
	l.ListenAndServe()
	var p PointerTo
	_ = p.x
	var d Defined
	d.Lock()
	d.Reader.Reset(nil)
	Func(func(int) Num { return 0 }).Do(1).String()
	Workers(nil).First().run()
	Workers{}.First().Stop()
	(N1 + 1).String()
	N2.String()
	Num(1).String()
	var r Recursive
	r.Recursive.Recursive.Name()
	r.Sync()
	var deep Deep
	deep.closes.Close()
	deep.Name()
	deep.File.Close()
	struct{ f func() Workers }{}.f().First().run()
	struct{ io.Closer }{}.Close()
	interface{ Close() error }(nil).Close()
	var once struct {
		sync.Once
		v *Worker
	}
	once.Do(w.run)
	once.v.run()
	new(Worker).run()
	(*&w).Stop()
	(&w).run()
	makeDeep().Name()
	pair := [2]Worker{}
	pair[0].Stop()
	pair[:][1].Stop()
}

func makeDeep() Deep { return Deep{} }

func makes() (*Deep, Twice, io.ReadCloser, Al, error) { return nil, Twice{}, nil, Al{}, nil }

func results() {
	makes()
	d, _, c, _, err := makes()
	d.Name()
	c.Close()
	err.Error()
}
