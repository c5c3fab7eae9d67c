//! Which files may mention a name: a Bloom filter of each file's words, so that a search through a module reads few files.

use crate::syntax::lexer::is_word_byte;

/// A filter has one bit for this many bytes of text. GOROOT/src has a different word in a file every 30 bytes: with
/// three bits a word, one file in 300 is searched in vain.
const BYTES_A_BIT: usize = 2;

/// The words of a text, comments and strings included.
#[derive(Debug)]
pub(super) struct Words {
    /// As many as a power of two.
    bits: Box<[u64]>,
}

impl Words {
    /// Reads a text once.
    pub(super) fn of(text: &str) -> Words {
        let count = (text.len() / BYTES_A_BIT / 64).next_power_of_two();
        let mut words = Words {
            bits: vec![0; count].into(),
        };
        let mut hash = SEED;
        for &byte in text.as_bytes() {
            if is_word_byte(byte) {
                hash = mix(hash, byte);
            } else if hash != SEED {
                words.insert(hash);
                hash = SEED;
            }
        }
        words.insert(hash);
        words
    }

    fn insert(&mut self, hash: u64) {
        for bit in self.places(hash) {
            self.bits[bit / 64] |= 1 << (bit % 64);
        }
    }

    /// Whether the text may have this word; if not, it certainly has not.
    pub(super) fn may_have(&self, word: &str) -> bool {
        let hash = word.bytes().fold(SEED, mix);
        let mut places = self.places(hash).into_iter();
        places.all(|bit| self.bits[bit / 64] & (1 << (bit % 64)) != 0)
    }

    fn places(&self, hash: u64) -> [usize; 3] {
        let mask = self.bits.len() * 64 - 1;
        [0, 21, 42].map(|shift| (hash >> shift) as usize & mask)
    }
}

/// FNV-1a with a multiplier that spreads to the upper bits, all of which are used.
const SEED: u64 = 0xcbf2_9ce4_8422_2325;

fn mix(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte))
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .rotate_left(29)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_a_text_is_found_and_few_others() {
        let text: String = (0..500)
            .map(|n| format!("func name{n}() {{ call{n}() }}\n"))
            .collect();
        let words = Words::of(&text);
        for n in 0..500 {
            assert!(words.may_have(&format!("name{n}")) && words.may_have(&format!("call{n}")));
        }
        let wrong = (0..10_000).filter(|n| words.may_have(&format!("other{n}")));
        assert!(wrong.count() < 500);
        assert!(words.may_have("func") && !words.may_have("nam") && !words.may_have("name"));
    }

    #[test]
    fn an_empty_text_has_no_words() {
        assert!(!Words::of("").may_have("x") && Words::of("x").may_have("x"));
    }
}
