// Command stdtable writes the table of the standard library's declarations that is embedded in unleak.
//
//	GOROOT=/usr/local/go /usr/local/go/bin/go run tests/stdtable/main.go -o src/index/std.bin
//	go run tests/stdtable/main.go -text net/http    # what the table says of one package
//
// It type-checks the packages of a GOROOT and prints what go/types says of every exported declaration, and of the
// unexported ones that those mention. The table is made from types, not from source text: it holds no comments, no
// bodies, no parameter names, no struct tags. Fields that other packages cannot name are left out; one blank field
// stands for all of them, comparable or not as they were. The same GOROOT gives the same bytes.
package main

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"flag"
	"fmt"
	"go/ast"
	"go/build"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// systems are those that the table knows; the first is what other systems fall back to.
var systems = []string{"linux", "windows", "darwin"}

const arch = "amd64"

func main() {
	log.SetFlags(0)
	log.SetPrefix("stdtable: ")
	goroot := flag.String("goroot", "", "GOROOT to read (default: that of the go command in PATH)")
	out := flag.String("o", "", "file to write")
	text := flag.String("text", "", "print the text of this package for the first system instead")
	flag.Parse()
	if *goroot == "" {
		printed, err := exec.Command("go", "env", "GOROOT").Output()
		if err != nil {
			log.Fatal(err)
		}
		*goroot = strings.TrimSpace(string(printed))
	}
	texts := map[string]map[string]string{} // by path, then system
	names := map[string]string{}
	for _, goos := range systems {
		universe := newUniverse(*goroot, goos)
		for path, source := range universe.print() {
			if texts[path] == nil {
				texts[path] = map[string]string{}
			}
			texts[path][goos] = source
			names[path] = universe.packages[path].Name()
		}
	}
	if *text != "" {
		fmt.Print(texts[*text][systems[0]])
		return
	}
	table := encode(*goroot, texts, names)
	if *out == "" {
		log.Fatal("no -o")
	}
	if err := os.WriteFile(*out, table, 0o644); err != nil {
		log.Fatal(err)
	}
}

// encode lays the table out as src/index/std_table.rs reads it.
func encode(goroot string, texts map[string]map[string]string, names map[string]string) []byte {
	version, err := os.ReadFile(filepath.Join(goroot, "VERSION"))
	if err != nil {
		log.Fatal(err)
	}
	var index, blocks bytes.Buffer
	first, _, _ := strings.Cut(string(version), "\n")
	fmt.Fprintln(&index, strings.TrimSpace(first)+" "+strings.Join(build.Default.ToolTags, " "))
	add := func(goos, path, source string) {
		block := deflate([]byte(source))
		fmt.Fprintf(&index, "%s\t%s\t%s\t%d\t%d\n", goos, path, names[path], blocks.Len(), len(block))
		blocks.Write(block)
	}
	for _, path := range sortedKeys(texts) {
		of := texts[path]
		same := len(of) == len(systems)
		for _, source := range of {
			same = same && source == of[systems[0]]
		}
		if same {
			add("", path, of[systems[0]])
			continue
		}
		for _, goos := range systems {
			if source, ok := of[goos]; ok {
				add(goos, path, source)
			}
		}
	}
	packed := deflate(index.Bytes())
	table := binary.LittleEndian.AppendUint32(nil, uint32(len(packed)))
	table = append(table, packed...)
	return append(table, blocks.Bytes()...)
}

func deflate(data []byte) []byte {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		log.Fatal(err)
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	return out.Bytes()
}

// A universe is the standard library of one system, type-checked.
type universe struct {
	context  build.Context
	src      string
	fset     *token.FileSet
	packages map[string]*types.Package
	// kept are the declarations that go into the table, by package path and name.
	kept map[string]map[string]types.Object
	// private are the unexported methods that interfaces of a package ask for, by package path.
	private map[string]map[string]bool
	todo    []types.Object
	roots   []string
}

func newUniverse(goroot, goos string) *universe {
	u := &universe{
		context:  build.Default,
		src:      filepath.Join(goroot, "src"),
		fset:     token.NewFileSet(),
		packages: map[string]*types.Package{"unsafe": types.Unsafe},
		kept:     map[string]map[string]types.Object{},
		private:  map[string]map[string]bool{},
	}
	u.context.GOROOT, u.context.GOOS, u.context.GOARCH, u.context.CgoEnabled = goroot, goos, arch, true
	err := filepath.WalkDir(u.src, func(dir string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		rel, err := filepath.Rel(u.src, dir)
		if err != nil {
			return err
		}
		path := filepath.ToSlash(rel)
		switch base := entry.Name(); {
		case path == "cmd", path == "vendor", path == "builtin", path == "unsafe", base == "internal", base == "testdata", strings.HasPrefix(base, "_"):
			return fs.SkipDir
		}
		if found, err := u.context.ImportDir(dir, 0); err == nil && len(found.GoFiles)+len(found.CgoFiles) > 0 && found.Name != "main" {
			u.roots = append(u.roots, path)
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, path := range u.roots {
		pkg, err := u.Import(path)
		if err != nil {
			log.Fatal(err)
		}
		for _, name := range pkg.Scope().Names() {
			if token.IsExported(name) {
				u.keep(pkg.Scope().Lookup(name))
			}
		}
	}
	for len(u.todo) > 0 {
		obj := u.todo[len(u.todo)-1]
		u.todo = u.todo[:len(u.todo)-1]
		u.keepMentioned(obj)
	}
	return u
}

// Import type-checks a package without its bodies.
func (u *universe) Import(path string) (*types.Package, error) {
	if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
		path = "vendor/" + path
	}
	if pkg := u.packages[path]; pkg != nil {
		return pkg, nil
	}
	dir := filepath.Join(u.src, filepath.FromSlash(path))
	found, err := u.context.ImportDir(dir, 0)
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, name := range append(found.GoFiles, found.CgoFiles...) {
		file, err := parser.ParseFile(u.fset, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	config := types.Config{
		IgnoreFuncBodies: true,
		FakeImportC:      true,
		Importer:         u,
		Sizes:            types.SizesFor("gc", arch),
	}
	pkg, err := config.Check(path, u.fset, files, nil)
	if err != nil {
		return nil, err
	}
	u.packages[path] = pkg
	private := map[string]bool{}
	for _, name := range pkg.Scope().Names() {
		if iface, ok := pkg.Scope().Lookup(name).Type().Underlying().(*types.Interface); ok {
			for i := range iface.NumExplicitMethods() {
				private[iface.ExplicitMethod(i).Name()] = true
			}
		}
	}
	u.private[path] = private
	return pkg, nil
}

// keep puts a package-level declaration into the table.
func (u *universe) keep(obj types.Object) {
	if obj.Pkg() == nil || obj.Pkg() == types.Unsafe || obj.Parent() != obj.Pkg().Scope() {
		return
	}
	of := u.kept[obj.Pkg().Path()]
	if of == nil {
		of = map[string]types.Object{}
		u.kept[obj.Pkg().Path()] = of
	}
	if of[obj.Name()] == nil {
		of[obj.Name()] = obj
		u.todo = append(u.todo, obj)
	}
}

// keepMentioned keeps what the printed form of a declaration mentions.
func (u *universe) keepMentioned(obj types.Object) {
	p := &printer{universe: u, pkg: obj.Pkg(), mention: u.keep}
	p.declaration(obj)
}

// print gives the text of every package that has kept declarations.
func (u *universe) print() map[string]string {
	out := map[string]string{}
	for path, kept := range u.kept {
		p := &printer{universe: u, pkg: u.packages[path], imports: map[string]string{}, kept: kept}
		for _, name := range sortedKeys(kept) {
			if types.Universe.Lookup(name) != nil {
				log.Fatalf("%s.%s hides a predeclared name", path, name)
			}
			p.declaration(kept[name])
		}
		var head strings.Builder
		fmt.Fprintf(&head, "package %s\n", p.pkg.Name())
		for _, path := range sortedKeys(p.imports) {
			fmt.Fprintf(&head, "import %s %q\n", p.imports[path], path)
		}
		out[path] = head.String() + p.out.String()
	}
	for _, path := range u.roots {
		if _, ok := out[path]; !ok { // nothing exported, but importable
			out[path] = "package " + u.packages[path].Name() + "\n"
		}
	}
	return out
}

// A printer writes declarations of one package as Go.
type printer struct {
	universe *universe
	pkg      *types.Package
	out      strings.Builder
	imports  map[string]string // local names by path
	kept     map[string]types.Object
	mention  func(types.Object) // told of every declaration that is mentioned
}

func (p *printer) declaration(obj types.Object) {
	switch obj := obj.(type) {
	case *types.Const:
		p.out.WriteString("const " + obj.Name())
		if basic, ok := obj.Type().(*types.Basic); !ok || basic.Info()&types.IsUntyped == 0 {
			p.out.WriteString(" ")
			p.typ(obj.Type())
		}
		p.out.WriteString(" = " + value(obj) + "\n")
	case *types.Var:
		p.out.WriteString("var " + obj.Name() + " ")
		p.typ(obj.Type())
		p.out.WriteString("\n")
	case *types.Func:
		p.function(obj)
	case *types.TypeName:
		p.typeDeclaration(obj)
	default:
		log.Fatalf("%s: a %T at package level", obj, obj)
	}
}

func (p *printer) typeDeclaration(obj *types.TypeName) {
	p.out.WriteString("type " + obj.Name())
	if alias, ok := obj.Type().(*types.Alias); ok {
		p.typeParams(alias.TypeParams())
		p.out.WriteString(" = ")
		p.typ(alias.Rhs())
		p.out.WriteString("\n")
		return
	}
	if obj.IsAlias() {
		p.out.WriteString(" = ")
		p.typ(obj.Type())
		p.out.WriteString("\n")
		return
	}
	named := obj.Type().(*types.Named)
	p.typeParams(named.TypeParams())
	p.out.WriteString(" ")
	p.typ(named.Underlying())
	p.out.WriteString("\n")
	var methods []*types.Func
	for i := range named.NumMethods() {
		method := named.Method(i)
		if method.Exported() || p.universe.private[p.pkg.Path()][method.Name()] {
			methods = append(methods, method)
		}
	}
	sort.Slice(methods, func(i, j int) bool { return methods[i].Name() < methods[j].Name() })
	for _, method := range methods {
		p.function(method)
	}
}

func (p *printer) function(fn *types.Func) {
	signature := fn.Signature()
	p.out.WriteString("func ")
	if recv := signature.Recv(); recv != nil {
		p.out.WriteString("(")
		p.typ(recv.Type())
		p.out.WriteString(") ")
	}
	p.out.WriteString(fn.Name())
	p.typeParams(signature.TypeParams())
	p.signature(signature)
	p.out.WriteString("\n")
}

func (p *printer) typeParams(list *types.TypeParamList) {
	if list.Len() == 0 {
		return
	}
	for i := range list.Len() {
		p.out.WriteString([]string{"[", ", "}[min(i, 1)])
		p.out.WriteString(list.At(i).Obj().Name() + " ")
		p.typ(list.At(i).Constraint())
	}
	p.out.WriteString("]")
}

func (p *printer) signature(signature *types.Signature) {
	p.out.WriteString("(")
	for i := range signature.Params().Len() {
		if i > 0 {
			p.out.WriteString(", ")
		}
		typ := signature.Params().At(i).Type()
		if signature.Variadic() && i == signature.Params().Len()-1 {
			p.out.WriteString("...")
			typ = typ.(*types.Slice).Elem()
		}
		p.typ(typ)
	}
	p.out.WriteString(")")
	results := signature.Results()
	if results.Len() == 0 {
		return
	}
	p.out.WriteString(" (")
	for i := range results.Len() {
		if i > 0 {
			p.out.WriteString(", ")
		}
		p.typ(results.At(i).Type())
	}
	p.out.WriteString(")")
}

func (p *printer) typ(typ types.Type) {
	switch typ := typ.(type) {
	case *types.Basic:
		if typ.Kind() == types.UnsafePointer {
			p.qualify(types.Unsafe)
			p.out.WriteString("Pointer")
			return
		}
		p.out.WriteString(typ.Name())
	case *types.Alias:
		p.named(typ.Obj(), typ.TypeArgs())
	case *types.Named:
		p.named(typ.Obj(), typ.TypeArgs())
	case *types.TypeParam:
		p.out.WriteString(typ.Obj().Name())
	case *types.Pointer:
		p.out.WriteString("*")
		p.typ(typ.Elem())
	case *types.Slice:
		p.out.WriteString("[]")
		p.typ(typ.Elem())
	case *types.Array:
		fmt.Fprintf(&p.out, "[%d]", typ.Len())
		p.typ(typ.Elem())
	case *types.Map:
		p.out.WriteString("map[")
		p.typ(typ.Key())
		p.out.WriteString("]")
		p.typ(typ.Elem())
	case *types.Chan:
		p.out.WriteString(map[types.ChanDir]string{types.SendRecv: "chan (", types.SendOnly: "chan<- (", types.RecvOnly: "<-chan ("}[typ.Dir()])
		p.typ(typ.Elem())
		p.out.WriteString(")")
	case *types.Signature:
		p.out.WriteString("func")
		p.signature(typ)
	case *types.Struct:
		p.structure(typ)
	case *types.Interface:
		p.interfaceType(typ)
	case *types.Union:
		for i := range typ.Len() {
			if i > 0 {
				p.out.WriteString(" | ")
			}
			if typ.Term(i).Tilde() {
				p.out.WriteString("~")
			}
			p.typ(typ.Term(i).Type())
		}
	default:
		log.Fatalf("%s: cannot print a %T", typ, typ)
	}
}

func (p *printer) named(obj *types.TypeName, args *types.TypeList) {
	if p.mention != nil {
		p.mention(obj)
	}
	if obj.Pkg() != nil && obj.Pkg() != p.pkg {
		p.qualify(obj.Pkg())
	}
	p.out.WriteString(obj.Name())
	for i := range args.Len() {
		p.out.WriteString([]string{"[", ", "}[min(i, 1)])
		p.typ(args.At(i))
	}
	if args.Len() > 0 {
		p.out.WriteString("]")
	}
}

// qualify writes the local name of a package and a dot.
func (p *printer) qualify(pkg *types.Package) {
	local, ok := p.imports[pkg.Path()]
	if !ok && p.imports != nil {
		local = pkg.Name()
		for p.taken(local) {
			local += "_"
		}
		p.imports[pkg.Path()] = local
	}
	p.out.WriteString(local + ".")
}

func (p *printer) taken(local string) bool {
	if p.kept[local] != nil || types.Universe.Lookup(local) != nil {
		return true
	}
	for _, other := range p.imports {
		if other == local {
			return true
		}
	}
	return false
}

func (p *printer) structure(typ *types.Struct) {
	p.out.WriteString("struct{")
	hidden, comparable := false, true
	for i := range typ.NumFields() {
		field := typ.Field(i)
		generic := mentionsTypeParam(field.Type())
		if !field.Exported() && !field.Embedded() && !generic {
			hidden = true
			comparable = comparable && types.Comparable(field.Type())
			continue
		}
		if !field.Embedded() {
			name := field.Name()
			if !field.Exported() {
				name = "_"
			}
			p.out.WriteString(name + " ")
		}
		p.typ(field.Type())
		p.out.WriteString("; ")
	}
	switch {
	case hidden && comparable:
		p.out.WriteString("_ int")
	case hidden:
		p.out.WriteString("_ func()")
	}
	p.out.WriteString("}")
}

func (p *printer) interfaceType(typ *types.Interface) {
	if typ.IsImplicit() && typ.NumEmbeddeds() == 1 && typ.NumExplicitMethods() == 0 {
		p.typ(typ.EmbeddedType(0))
		return
	}
	p.out.WriteString("interface{")
	separator := ""
	for i := range typ.NumEmbeddeds() {
		p.out.WriteString(separator)
		p.typ(typ.EmbeddedType(i))
		separator = "; "
	}
	for i := range typ.NumExplicitMethods() {
		method := typ.ExplicitMethod(i)
		p.out.WriteString(separator + method.Name())
		p.signature(method.Signature())
		separator = "; "
	}
	p.out.WriteString("}")
}

// mentionsTypeParam tells whether the comparability of a field may depend on a type argument.
func mentionsTypeParam(typ types.Type) bool {
	switch typ := typ.(type) {
	case *types.TypeParam:
		return true
	case *types.Array:
		return mentionsTypeParam(typ.Elem())
	case *types.Named:
		for i := range typ.TypeArgs().Len() {
			if mentionsTypeParam(typ.TypeArgs().At(i)) {
				return true
			}
		}
	case *types.Alias:
		return mentionsTypeParam(types.Unalias(typ))
	case *types.Struct:
		for i := range typ.NumFields() {
			if mentionsTypeParam(typ.Field(i).Type()) {
				return true
			}
		}
	}
	return false
}

// value is a constant expression of the constant's kind.
func value(obj *types.Const) string {
	val := obj.Val()
	basic, _ := obj.Type().Underlying().(*types.Basic)
	switch {
	case basic.Kind() == types.UntypedRune:
		if n, ok := constant.Int64Val(val); ok && strconv.IsPrint(rune(n)) && n != '\\' && n != '\'' {
			return "'" + string(rune(n)) + "'"
		}
		n, _ := constant.Int64Val(val)
		return fmt.Sprintf(`'\U%08x'`, n)
	case val.Kind() == constant.String:
		return strconv.QuoteToASCII(constant.StringVal(val))
	case basic.Info()&types.IsFloat != 0:
		float, _ := constant.Float64Val(val)
		text := strconv.FormatFloat(float, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return text
	case basic.Info()&types.IsComplex != 0:
		log.Fatalf("%s: a complex constant", obj)
	}
	return val.ExactString()
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
