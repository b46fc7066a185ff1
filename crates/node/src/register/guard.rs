//! What is checked of a workbook before it is opened: it is an archive from outside, and its reader trusts it.
//!
//! The reader (calamine 0.38) streams the rows of a sheet, but holds all shared strings in memory, sets aside as many as
//! the archive *says* there are, and puts no limit on what a part unpacks to. So every part is unpacked once to nowhere
//! and counted. Sizes that the archive declares are believed when they are too large, never when they are small.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::report::Reason;

/// Most bytes a workbook unpacks to. A full sheet (1,048,576 rows, the most there can be) of 25 columns has about 1 GB.
pub(super) const UNPACKED_MAX: u64 = 1 << 30;

/// Most parts of a workbook; one with a single sheet has about ten.
const PARTS_MAX: usize = 1_000;

/// Most shared strings: 8 different texts in each of a million rows. At 24 bytes each this sets 192 MB aside.
const STRINGS_MAX: u64 = 8_000_000;

/// The attribute by which the reader sets memory aside.
const STRINGS_ATTRIBUTE: &[u8] = b"uniqueCount";

/// How the name of the part with the shared strings ends; the reader does not mind its case.
const STRINGS_PART: &str = "sharedstrings.xml";

/// Refuses a workbook that would cost more than `unpacked_max` bytes to read.
pub(super) fn check(bytes: &[u8], unpacked_max: u64) -> Result<(), Reason> {
    let too_large = || Reason::WorkbookTooLarge { max: unpacked_max };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Reason::UnreadableWorkbook)?;
    if archive.len() > PARTS_MAX {
        return Err(Reason::UnreadableWorkbook);
    }
    let mut left = unpacked_max;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(|_| Reason::UnreadableWorkbook)?;
        if part.size() > left {
            return Err(too_large());
        }
        let name = part.name().map_err(|_| Reason::UnreadableWorkbook)?.to_lowercase();
        let mut strings = name.ends_with(STRINGS_PART).then(StringCount::default);
        let mut buffer = [0; 1 << 16];
        loop {
            let read = part.read(&mut buffer).map_err(|_| Reason::UnreadableWorkbook)?;
            if read == 0 {
                break;
            }
            left = u64::try_from(read).ok().and_then(|read| left.checked_sub(read)).ok_or_else(too_large)?;
            if let Some(strings) = &mut strings {
                buffer.iter().take(read).try_for_each(|byte| strings.next(*byte))?;
            }
        }
    }
    Ok(())
}

/// Finds the count of shared strings that a part declares, byte by byte, wherever it stands.
#[derive(Default)]
struct StringCount {
    /// How much of the attribute's name has been seen; the count follows when it is all of it.
    matched: usize,
    count: u64,
}

impl StringCount {
    fn next(&mut self, byte: u8) -> Result<(), Reason> {
        // UTF-16 and escape sequences would hide the attribute; no spreadsheet writes them.
        if byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r') {
            return Err(Reason::UnreadableWorkbook);
        }
        if self.matched < STRINGS_ATTRIBUTE.len() {
            let fits = |at: usize| STRINGS_ATTRIBUTE.get(at) == Some(&byte);
            self.matched = if fits(self.matched) { self.matched + 1 } else { usize::from(fits(0)) };
        } else if byte.is_ascii_digit() {
            self.count = self.count.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
        } else if self.count > 0 || !matches!(byte, b'=' | b'"' | b'\'' | b' ' | b'\t' | b'\n' | b'\r') {
            *self = Self::default();
        }
        if self.count > STRINGS_MAX { Err(Reason::WorkbookTooLarge { max: STRINGS_MAX }) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn what_unpacks_to_the_limit_passes_and_one_byte_more_does_not() {
        let bytes = archive(&[("a.xml", &[0; 600]), ("b.xml", &[0; 400])]);
        assert_eq!(check(&bytes, 1_000), Ok(()));
        assert_eq!(check(&bytes, 999), Err(Reason::WorkbookTooLarge { max: 999 }));
    }

    #[test]
    fn a_small_declared_size_is_not_believed() {
        let mut bytes = archive(&[("a.xml", &[0; 100_000])]);
        let size = 100_000u32.to_le_bytes();
        let places: Vec<usize> = bytes.windows(4).enumerate().filter(|(_, at)| *at == size).map(|(at, _)| at).collect();
        assert_eq!(places.len(), 2, "once in the part's own header, once in the directory");
        for place in places {
            bytes[place..place + 4].copy_from_slice(&10u32.to_le_bytes());
        }
        assert!(check(&bytes, 99_999).is_err());
    }

    #[test]
    fn a_large_declared_size_is_refused_before_unpacking() {
        let mut bytes = archive(&[("a.xml", &[0; 100_000])]);
        let size = 100_000u32.to_le_bytes();
        let directory = bytes.windows(4).rposition(|at| at == size).unwrap();
        bytes[directory..directory + 4].copy_from_slice(&u32::MAX.to_le_bytes()[..]);
        assert_eq!(check(&bytes, 1_000_000), Err(Reason::WorkbookTooLarge { max: 1_000_000 }));
    }

    #[test]
    fn a_declared_count_of_strings_is_found_wherever_it_stands() {
        let judge = |text: &str| check(&archive(&[("xl/sharedStrings.xml", text.as_bytes())]), UNPACKED_MAX);
        let refused = Err(Reason::WorkbookTooLarge { max: STRINGS_MAX });
        assert_eq!(judge(r#"<sst count="99999999" uniqueCount="8000000">"#), Ok(()));
        assert_eq!(judge(r#"<sst uniqueCount="8000001">"#), refused);
        assert_eq!(judge("<sst uniqueCount \n=\t'99999999999999999999999'>"), refused);
        assert_eq!(judge(&format!("<!--{}--><sst uniqueCount=\"90000000\">", " ".repeat(70_000))), refused);
        assert_eq!(judge("<sst uniqueuniqueCount='3' uniqueCount='90000000'>"), refused);
        let utf16: Vec<u8> = "<sst uniqueCount='9'>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let hidden = archive(&[("XL/SharedStrings.XML", &utf16)]);
        assert_eq!(check(&hidden, UNPACKED_MAX), Err(Reason::UnreadableWorkbook));
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        assert_eq!(check(b"PK\x03\x04 and nothing else", UNPACKED_MAX), Err(Reason::UnreadableWorkbook));
        let many: Vec<String> = (0..=PARTS_MAX).map(|number| format!("{number}.xml")).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
        assert_eq!(check(&archive(&many), UNPACKED_MAX), Err(Reason::UnreadableWorkbook));
    }
}
