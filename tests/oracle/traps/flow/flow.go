// Package flow has statements whose variables get their types in special ways.
package flow

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
	"unsafe"
)

func switches(v any, body io.ReadCloser, err error) {
	switch x := v.(type) {
	case *os.File:
		x.Sync()
	case interface{ Close() error }:
		x.Close()
	case *http.Client, *http.Server:
		use(x)
	case nil:
		use(x)
	case error:
		x.Error()
	case func() *os.File:
		x().Close()
	default:
		use(x)
	}
	switch body := body.(type) {
	case *os.File:
		body.Sync()
	case io.Seeker:
		body.Seek(0, 0)
	default:
		body.Close()
	}
	switch n := time.Second; x := v.(type) {
	case time.Duration:
		(x + n).Hours()
	case string:
		strings.ToUpper(x)
	}
	switch err := err.(type) {
	case *os.PathError:
		err.Unwrap().Error()
	}
	switch f := (func() *os.File)(nil); f() {
	case f():
		f := f()
		f.Close()
	}
	switch v.(type) {
	case *bytes.Buffer:
	}
}

func use(any) {}

func loops(files []*os.File, byName map[string]io.Closer, ch chan *sql.Rows, array *[3]*os.File) {
	for i, f := range files {
		_ = float64(i)
		f.Close()
	}
	for name := range byName {
		strings.ToUpper(name)
	}
	for _, c := range byName {
		c.Close()
	}
	for rows := range ch {
		rows.Next()
	}
	for i := range array {
		array[i].Close()
	}
	for _, f := range array {
		f.Close()
	}
	for i, r := range "x" {
		_ = string(r)
		_ = float64(i)
	}
	for i := range 10 {
		time.Duration(i).Hours()
	}
	var n time.Duration = 3
	for d := range n {
		d.Hours()
	}
	for f := range func(yield func(*os.File) bool) {} {
		f.Close()
	}
	for range func(yield func() bool) {} {
		use(nil)
	}
	var f *os.File
	for _, f = range files {
		f.Sync()
	}
	for i, f := 0, files[0]; i < len(files); i, f = i+1, files[i] {
		f.Close()
	}
outer:
	for {
		for f := range files {
			if f > 0 {
				continue outer
			}
			break outer
		}
	}
}

func selects(ctx context.Context, files chan *os.File, out chan<- string, calls chan func() *os.File) {
	for {
		select {
		case <-ctx.Done():
			ctx.Err().Error()
		case f, ok := <-files:
			f.Close()
			_ = !ok
		case f := <-calls:
			f().Close()
		case out <- strings.ToUpper("x"):
		default:
			files := strings.Split("a", "b")
			strings.Join(files, "")
		}
		f := <-files
		f.Sync()
		(<-calls)().Close()
	}
}

func declarations() error {
	var f, err = os.Open("x")
	f.Close()
	f, err2 := os.Create("y")
	err2.Error()
	var (
		a    = 1 << 3
		b, c = 'x', "y"
		d    time.Duration
	)
	const (
		one = time.Duration(iota) * time.Second
		two
		three
	)
	two.Hours()
	d.Hours()
	time.Duration(a).Hours()
	_ = string(b)
	strings.ToUpper(c)
	rows, err := (*sql.DB)(nil).Query("x")
	defer rows.Close()
	if rows, err := (&sql.DB{}).Query("y"); err == nil {
		rows.Next()
		_ = err.Error()
	} else if st, err := new(sql.DB).Prepare("z"); err != nil {
		st.Close()
		err.Error()
		rows.Close()
	}
	client := &http.Client{Timeout: 5 * time.Second}
	resp, err := client.Do(nil)
	resp.Body.Close()
	var pe *os.PathError
	if errors.As(err, &pe) {
		pe.Error()
	}
	cmp := 1 < 2
	_ = cmp
	var once func() func() *os.File
	once()().Close()
	go func() { f.Close() }()
	go f.Close()
	defer func(f *bytes.Buffer) { f.Len() }(nil)
	return err
}

func literals() {
	all := []struct {
		name string
		open func() (*os.File, error)
	}{{"a", func() (*os.File, error) { return os.Open("a") }}, {name: "b"}}
	f, _ := all[0].open()
	f.Close()
	byName := map[string]*http.Client{"x": {Timeout: time.Duration(len("x"))}}
	byName["x"].Get("y")
	nested := map[[2]int][]map[string]func() io.Closer{{1, 2}: {{"x": func() io.Closer { return os.NewFile(uintptr(3), "x") }}}}
	nested[[2]int{1, 2}][0]["x"]().Close()
	points := [...]*time.Timer{time.NewTimer(1), 3: time.NewTimer(2)}
	points[3].Stop()
	(<-points[0].C).Unix()
	keyed := [...]string{os.O_RDONLY: strings.ToUpper("x")}
	strings.ToLower(keyed[0])
	v, ok := byName["z"]
	v.Get("x")
	_ = !ok
	w, ok := any(v).(io.Closer)
	w.Close()
	any(v).(*http.Client).Get("z")
	[]func() *os.File{}[0]().Close()
	b := []byte("x")
	_ = string(b[1:2:3])
	copy(b, "x")
	*(*[]byte)(nil) = nil
	(*(*func() *os.File)(unsafe.Pointer(&b)))().Close()
	unsafe.Slice(&points[0], 1)[0].Stop()
	_ = unsafe.String(&b[0], 1)
	_ = complex(1, float32(2))
	_ = real(complex64(0))
	new(strings.Builder).Len()
	p := new(time.Second)
	p.Hours()
	_ = new(1 + len(b))
	_ = struct{}{}
	(func())(nil)()
	_ = (chan int)(nil)
	_ = (<-chan int)(nil)
	_ = []int(nil)
	_ = map[string]int(nil)
	_ = interface{}(nil)
	recover().(error).Error()
	clear(b)
	var array [len("abc")]struct{ c io.Closer }
	array[0].c.Close()
	for _, z := range array {
		z.c.Close()
	}
}

// Handler is a function type with a method.
func handler() {
	http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("a", r.FormValue("b"))
		r.Body.Close()
		w.(http.Flusher).Flush()
	}).ServeHTTP(nil, nil)
	var h http.Handler = http.NotFoundHandler()
	h.ServeHTTP(nil, nil)
	mux := http.DefaultServeMux
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { r.Context().Done() })
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ctx.Err().Error()
	stop := context.AfterFunc(ctx, func() { use(nil) })
	stop()
	t := time.NewTicker(time.Second)
	defer t.Stop()
	func() (io.Closer, error) { return os.Open("x") }()
}
