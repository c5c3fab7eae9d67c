// Command oracle prints what go/types says about every call of the given packages.
//
// It reads one package a line from standard input: the import path and the package's files, separated by tabs.
// A package whose files are not all part of the build under this program's configuration is left out. For each call
// it prints one line, fields separated by tabs:
//
//	file:offset  callee  result  Close  Stop
//
// The offset is that of the opening parenthesis. The callee is a function's full name, conversion:T, builtin:F,
// func-value, or ? when go/types does not know. Close and Stop are the full names of the methods that the first
// result has, - for none.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	goroot := flag.String("goroot", build.Default.GOROOT, "where the standard library is")
	module := flag.String("module", "", "path=directory of a module to resolve imports in")
	cgo := flag.Bool("cgo", false, "files that import C are part of the build")
	flag.Parse()

	o := newOracle(*goroot, *cgo)
	o.modulePath, o.moduleDir, _ = strings.Cut(*module, "=")
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<24)
	for in.Scan() {
		fields := strings.Split(in.Text(), "\t")
		o.check(fields[0], fields[1:])
	}
	if err := in.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	o.out.Flush()
	fmt.Fprintln(os.Stderr, "type errors:", o.errors)
}

// oracle holds what is shared by all packages.
type oracle struct {
	context               build.Context
	src                   string
	modulePath, moduleDir string
	fset                  *token.FileSet
	imported              map[string]*types.Package // by canonical path; nil while it is loaded, or when it failed
	tested                map[string]*types.Package // packages with their in-package tests, by path
	out                   *bufio.Writer
	errors                int
	recvParams            map[*types.TypeParam]string
}

func newOracle(goroot string, cgo bool) *oracle {
	o := &oracle{
		context:    build.Default,
		src:        filepath.Join(goroot, "src"),
		fset:       token.NewFileSet(),
		imported:   map[string]*types.Package{},
		tested:     map[string]*types.Package{},
		out:        bufio.NewWriter(os.Stdout),
		recvParams: map[*types.TypeParam]string{},
	}
	o.context.GOROOT = goroot
	o.context.CgoEnabled = cgo
	return o
}

// locate says which package path means when imported from package from, and in which directory it is.
func (o *oracle) locate(from, path string) (canonical, dir string) {
	if o.modulePath != "" && (path == o.modulePath || strings.HasPrefix(path, o.modulePath+"/")) {
		return path, filepath.Join(o.moduleDir, strings.TrimPrefix(path, o.modulePath))
	}
	if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") {
		return path, filepath.Join(o.src, path)
	}
	vendor := "vendor/"
	if strings.HasPrefix(from, "cmd/") {
		vendor = "cmd/vendor/"
	}
	dir = filepath.Join(o.src, vendor+path)
	if _, err := os.Stat(dir); err != nil {
		return path, ""
	}
	return vendor + path, dir
}

type importer struct {
	*oracle
	from string
}

// Import implements [types.Importer]: signatures only.
func (i importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	canonical, dir := i.locate(i.from, path)
	if p := i.tested[canonical]; p != nil && i.from == canonical+"_test" {
		return p, nil
	}
	if p, ok := i.imported[canonical]; ok || dir == "" {
		if p == nil {
			return nil, fmt.Errorf("no package %s", path)
		}
		return p, nil
	}
	i.imported[canonical] = nil
	config := types.Config{
		Importer:         importer{i.oracle, canonical},
		IgnoreFuncBodies: true,
		FakeImportC:      true,
		Error:            func(error) {},
		Sizes:            types.SizesFor("gc", "amd64"),
	}
	files := i.parse(i.filesIn(dir))
	if len(files) == 0 {
		return nil, fmt.Errorf("no files in %s", dir)
	}
	p, _ := config.Check(canonical, i.fset, files, nil)
	i.imported[canonical] = p
	return p, nil
}

// filesIn returns the files of the package in dir, without tests.
func (o *oracle) filesIn(dir string) []string {
	entries, _ := os.ReadDir(dir)
	var files []string
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		if ok, _ := o.context.MatchFile(dir, name); ok {
			files = append(files, filepath.Join(dir, name))
		}
	}
	return files
}

// parse parses files that have the package clause of the first one.
func (o *oracle) parse(paths []string) []*ast.File {
	var files []*ast.File
	for _, path := range paths {
		f, _ := parser.ParseFile(o.fset, path, nil, parser.SkipObjectResolution)
		if f == nil || f.Name.Name == "documentation" {
			continue
		}
		if len(files) == 0 || f.Name.Name == files[0].Name.Name {
			files = append(files, f)
		}
	}
	return files
}

// check type-checks one package and prints its calls.
func (o *oracle) check(path string, paths []string) {
	hasTests := false
	for _, file := range paths {
		dir, name := filepath.Split(file)
		if ok, _ := o.context.MatchFile(dir, name); !ok {
			return
		}
		hasTests = hasTests || strings.HasSuffix(name, "_test.go")
	}
	files := o.parse(paths)
	info := &types.Info{
		Types:      map[ast.Expr]types.TypeAndValue{},
		Uses:       map[*ast.Ident]types.Object{},
		Defs:       map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
		Instances:  map[*ast.Ident]types.Instance{},
	}
	config := types.Config{
		Importer:    importer{o, path},
		FakeImportC: true,
		Error:       func(error) { o.errors++ },
		Sizes:       types.SizesFor("gc", "amd64"),
	}
	pkg, _ := config.Check(path, o.fset, files, info)
	if hasTests && !strings.HasSuffix(path, "_test") {
		o.tested[path] = pkg
	}
	o.nameReceiverParams(info)
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				o.print(pkg, info, call)
			}
			return true
		})
	}
}

// nameReceiverParams makes the type parameters that a method's receiver declares print as those of its type.
func (o *oracle) nameReceiverParams(info *types.Info) {
	for _, object := range info.Defs {
		f, ok := object.(*types.Func)
		if !ok {
			continue
		}
		params := f.Signature().RecvTypeParams()
		if params.Len() == 0 {
			continue
		}
		recv := types.Unalias(f.Signature().Recv().Type())
		if p, ok := recv.(*types.Pointer); ok {
			recv = types.Unalias(p.Elem())
		}
		named, ok := recv.(*types.Named)
		if !ok {
			continue
		}
		declared := named.Origin().TypeParams()
		for i := range min(params.Len(), declared.Len()) {
			o.recvParams[params.At(i)] = declared.At(i).Obj().Name()
		}
	}
}

func (o *oracle) print(pkg *types.Package, info *types.Info, call *ast.CallExpr) {
	callee := o.callee(info, call)
	result, closes, stops := "?", "?", "?"
	value := info.Types[call]
	switch {
	case callee == "?":
	case value.IsVoid():
		result, closes, stops = "()", "-", "-"
	case untypedConstant(callee, value):
		// go/types records the type that the constant is converted to.
	case value.Type != nil:
		result = o.typeString(value.Type)
		first := value.Type
		if tuple, ok := first.(*types.Tuple); ok {
			first = types.Typ[types.Invalid]
			if tuple.Len() > 0 {
				first = tuple.At(0).Type()
			}
		}
		closes, stops = o.method(first, pkg, "Close"), o.method(first, pkg, "Stop")
	}
	at := o.fset.Position(call.Lparen)
	fmt.Fprintf(o.out, "%s:%d\t%s\t%s\t%s\t%s\n", at.Filename, at.Offset, callee, result, closes, stops)
}

func untypedConstant(callee string, value types.TypeAndValue) bool {
	if value.Value == nil {
		return false
	}
	switch callee {
	case "builtin:min", "builtin:max", "builtin:real", "builtin:imag", "builtin:complex":
		return true
	}
	return false
}

func (o *oracle) callee(info *types.Info, call *ast.CallExpr) string {
	value := info.Types[call.Fun]
	fun := ast.Unparen(call.Fun)
	switch {
	case value.IsType():
		if t := o.typeString(value.Type); !strings.Contains(t, "?") {
			return "conversion:" + t
		}
		return "?"
	case value.IsBuiltin():
		return "builtin:" + identifier(fun).Name
	case invalid(value.Type):
		return "?"
	}
	switch x := fun.(type) {
	case *ast.IndexExpr:
		if id := identifier(ast.Unparen(x.X)); id != nil {
			if _, ok := info.Instances[id]; ok {
				fun = ast.Unparen(x.X)
			}
		}
	case *ast.IndexListExpr:
		fun = ast.Unparen(x.X)
	}
	switch x := fun.(type) {
	case *ast.Ident:
		if f, ok := info.Uses[x].(*types.Func); ok {
			return o.funcName(f)
		}
	case *ast.SelectorExpr:
		if f, ok := info.Uses[x.Sel].(*types.Func); ok {
			return o.funcName(f)
		}
	}
	return "func-value"
}

// identifier returns the identifier that names x, if any.
func identifier(x ast.Expr) *ast.Ident {
	switch x := x.(type) {
	case *ast.Ident:
		return x
	case *ast.SelectorExpr:
		return x.Sel
	}
	return nil
}

func invalid(t types.Type) bool { return t == nil || t == types.Typ[types.Invalid] }

// funcName is a function's full name, type arguments of the receiver left out.
func (o *oracle) funcName(f *types.Func) string {
	f = f.Origin()
	recv := f.Signature().Recv()
	if recv == nil {
		return f.Pkg().Path() + "." + f.Name()
	}
	t, star := types.Unalias(recv.Type()), ""
	if p, ok := t.(*types.Pointer); ok {
		t, star = types.Unalias(p.Elem()), "*"
	}
	name := o.typeString(t)
	if named, ok := t.(*types.Named); ok {
		name = declaredName(named.Obj())
	}
	return "(" + star + name + ")." + f.Name()
}

func declaredName(name *types.TypeName) string {
	if name.Pkg() == nil {
		return name.Name()
	}
	return name.Pkg().Path() + "." + name.Name()
}

// method is the full name of the method that an addressable value of type t has.
func (o *oracle) method(t types.Type, pkg *types.Package, name string) string {
	if invalid(t) {
		return "?"
	}
	object, _, _ := types.LookupFieldOrMethod(t, true, pkg, name)
	if f, ok := object.(*types.Func); ok {
		return o.funcName(f)
	}
	return "-"
}

func (o *oracle) list(tuple *types.Tuple, variadic bool) string {
	var all []string
	for i := range tuple.Len() {
		t := o.typeString(tuple.At(i).Type())
		if variadic && i == tuple.Len()-1 {
			t = "..." + t
		}
		all = append(all, t)
	}
	return strings.Join(all, ",")
}

// typeString prints a type without array lengths and without the insides of struct and interface literals; ? when
// it is not valid.
func (o *oracle) typeString(t types.Type) string {
	if invalid(t) {
		return "?"
	}
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		switch t.Kind() {
		case types.UnsafePointer:
			return "unsafe.Pointer"
		case types.Invalid:
			return "?"
		case types.UntypedNil:
			return "nil"
		}
		return types.Typ[types.Default(t).(*types.Basic).Kind()].Name()
	case *types.Named:
		name := declaredName(t.Obj())
		if args := t.TypeArgs(); args.Len() > 0 {
			var all []string
			for i := range args.Len() {
				all = append(all, o.typeString(args.At(i)))
			}
			name += "[" + strings.Join(all, ",") + "]"
		}
		return name
	case *types.Pointer:
		return "*" + o.typeString(t.Elem())
	case *types.Slice:
		return "[]" + o.typeString(t.Elem())
	case *types.Array:
		return "[_]" + o.typeString(t.Elem())
	case *types.Map:
		return "map[" + o.typeString(t.Key()) + "]" + o.typeString(t.Elem())
	case *types.Chan:
		return [...]string{"chan ", "chan<- ", "<-chan "}[t.Dir()] + o.typeString(t.Elem())
	case *types.Signature:
		return "func(" + o.list(t.Params(), t.Variadic()) + ")(" + o.list(t.Results(), false) + ")"
	case *types.Struct:
		return "struct"
	case *types.Interface:
		return "interface"
	case *types.TypeParam:
		if name, ok := o.recvParams[t]; ok {
			return name
		}
		return t.Obj().Name()
	case *types.Tuple:
		return "(" + o.list(t, false) + ")"
	}
	return "?"
}
