//! Walk: which Go files a command line names.
