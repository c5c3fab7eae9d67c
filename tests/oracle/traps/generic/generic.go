// Package generic infers.
package generic

import (
	"cmp"
	"errors"
	"io"
	"iter"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	weird "example.com/traps/odd-dir"
)

type Worker struct{}

func (w *Worker) run() {}

type Workers []*Worker

func (w Workers) First() *Worker { return w[0] }

type Setter[T any] interface {
	*T
	Set(string)
}

type Settable struct{}

func (s *Settable) Set(v string) {}

func From[T any, P Setter[T]](v string) T {
	var t T
	p := P(&t)
	p.Set(v)
	P(&t).Set(v)
	return t
}

type List[T any] struct {
	next *List[T]
	val  T
}

func (l *List[T]) All() iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		for i := 0; l != nil; l = l.next {
			if !yield(i, l.val) {
				return
			}
			i++
		}
	}
}

func (l *List[U]) Push(v U) *List[U] { return &List[U]{l, v} }

type Tree[K cmp.Ordered, V any] struct {
	l, r *Tree[K, V]
	k    K
	v    V
}

func (t *Tree[A, B]) Find(k A) (B, bool) {
	if cmp.Compare(k, t.k) < 0 {
		return t.l.Find(k)
	}
	return t.v, true
}

type Conf[T any] = weird.Conf[T]

type Number interface{ ~int | ~int64 | ~float64 }

func Sum[S ~[]N, N Number](s S) (sum N) {
	for _, n := range s {
		sum += n
	}
	return N(sum)
}

func Clone[S ~[]T, T any](s S) S { return append(S(nil), s...) }

func Map[T, U any](s []T, f func(T) U) []U {
	var r []U
	for _, x := range s {
		r = append(r, f(x))
	}
	return r
}

func Keys[M ~map[K]V, K comparable, V any](m M) []K { return nil }

func First[T any](values ...T) T { return values[0] }

func Must[T any](v T, err error) T { return v }

func Bytes[T ~string | ~[]byte](t T) T { return t[1:] }

func Closing[C io.Closer](c C) C {
	c.Close()
	return c
}

type Getter[T any] interface{ Get() T }

func GetFrom[T any](g Getter[T]) T { return g.Get() }

type Named []string

type Duration time.Duration

type Headers http.Header

func use(err error) {
	settable := From[Settable]("x")
	settable.Set("a")
	l := &List[*os.File]{}
	for i, v := range l.All() {
		v.Close()
		_ = float64(i)
	}
	l.Push(nil).All()
	m := map[string]*Worker{}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		strings.ToLower(k)
		m[k].run()
	}
	slices.Collect(maps.Values(m))[0].run()
	slices.SortFunc(Workers{}, func(a, b *Worker) int { a.run(); return 0 })
	Clone(Workers{}).First().run()
	Clone[Workers](nil).First().run()
	Map([]string{}, func(s string) *Worker { return nil })[0].run()
	Map(Named{}, strings.ToUpper)
	Sum([]time.Duration{}).Hours()
	Sum([]float64{1})
	sync.OnceValue(func() *Worker { return nil })().run()
	var ap atomic.Pointer[Worker]
	ap.Load().run()
	cmp.Or(&Worker{}, nil).run()
	if e, ok := errors.AsType[*os.PathError](err); ok {
		e.Error()
		e.Unwrap()
	}
	t := Tree[string, *http.Client]{}
	d, ok := t.Find("x")
	d.Get("x")
	_ = !ok
	var conf Conf[*os.File]
	conf.Get().Close()
	conf.Hook(nil).Error()
	conf.Close()
	weird.Make(conf).Get()
	k, v, e := weird.Pair("a", func() *Worker { return nil })
	strings.ToUpper(k)
	v().run()
	e.Error()
	Keys(http.Header{})
	Keys(Headers{})[0] = strings.ToUpper("x")
	First(1, 2.5)
	First('a', 1)
	First[time.Duration](1, 2).Hours()
	First(time.Second, 3).Hours()
	First[io.Reader](os.Stdin, nil).Read(nil)
	Must(os.Open("x")).Close()
	Must[io.Closer](os.Open("x")).Close()
	Bytes("x")
	Bytes([]byte{})
	Closing(os.Stdin).Sync()
	GetFrom[*os.File](&conf).Sync()
	GetFrom(weird.Default)
	_ = min(1, 2.5)
	max(time.Second, 3).Hours()
	x := First(weird.Default)
	x.Get()
	var f func(Workers) Workers = Clone
	f(nil).First()
	chans := make(chan (<-chan *Worker))
	(<-<-chans).run()
	First(<-chans)
	next, stop := iter.Pull(maps.Keys(m))
	defer stop()
	if s, ok := next(); ok {
		strings.ToLower(s)
	}
	slices.IndexFunc(Workers{}, func(w *Worker) bool { w.run(); return true })
	slices.MaxFunc(Workers{}, func(a, b *Worker) int { return cmp.Compare(1, 2) }).run()
	p := Must(func() (Tree[int, Workers], error) { return Tree[int, Workers]{}, nil }())
	p.v.First().run()
	func(fs ...*os.File) {
		fs[0].Close()
		for _, f := range fs {
			f.Sync()
		}
	}()
}

func constrained[T interface {
	~[]E
	Len() int
}, E interface{ Close() error }](t T) {
	t.Len()
	t[0].Close()
	for _, e := range t {
		e.Close()
	}
	append(t, t...).Len()
}

func pointers[T any, P interface {
	*T
	io.Reader
}](t T) {
	P(&t).Read(nil)
	pt := P(&t)
	pt.Read(nil)
	_ = *pt
}

func channels[C ~chan V | ~<-chan V, V io.Closer](c C) {
	(<-c).Close()
	for v := range c {
		v.Close()
	}
}

func funcs[F ~func() R, R io.Closer](f F) {
	f().Close()
}
