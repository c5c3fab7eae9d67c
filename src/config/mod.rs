//! Config: `unleak.toml`, found and read, and what holds in the end when the command line has its say. Knows rules by
//! their ids only; what stands in a rule's own table is read by the rule ([`section::Section`]).

pub mod choices;
pub mod discover;
pub mod file;
pub mod section;
pub mod settings;
pub mod source;

pub use choices::{Exported, FailOn, Include};
pub use file::File;
pub use section::Section;
pub use settings::{Flags, Settings};
pub use source::ConfigError;
