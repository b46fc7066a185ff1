//! A log's file, cut into frames without reading them: chunk after chunk, so that memory stays flat.

use std::io::{self, Read};

use tongcha_ledger::frame::{FrameLength, frame_length};

/// Most frames in a chunk: at about 40 µs for each check some 40 ms of work, against which starting threads is nothing.
/// The first chunk is read before there is work, and the last followed when there is none any more: both should be short.
pub const CHUNK_FRAMES: usize = 1024;
/// Bytes after which a chunk is full; one frame more may follow.
pub const CHUNK_BYTES: usize = 8 * 1024 * 1024;

const READ_BYTES: u64 = 256 * 1024;

/// Some frames of a file, one after the other.
#[derive(Debug, Default)]
pub struct Chunk {
    bytes: Vec<u8>,
    offset: u64,
    ends: Vec<usize>,
}

/// One frame, as far as its length field says; nothing is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span<'a> {
    /// Where it begins in the file.
    pub offset: u64,
    /// Its bytes. The last of a file may be no whole frame.
    pub bytes: &'a [u8],
}

impl Span<'_> {
    /// Returns where the next frame begins in the file.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.offset + self.bytes.len() as u64
    }
}

impl Chunk {
    /// Returns how many frames there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Tells whether there are none: the file is at its end.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Returns the frames from a position in the chunk on.
    pub fn spans(&self, from: usize) -> impl Iterator<Item = Span<'_>> {
        let mut start = match from.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or(self.bytes.len()),
            None => 0,
        };
        self.ends.iter().skip(from).map(move |&end| {
            let bytes = self.bytes.get(start..end).unwrap_or_default();
            let span = Span { offset: self.offset + start as u64, bytes };
            start = end;
            span
        })
    }
}

/// Cuts a file into frames.
pub struct Frames<R> {
    reader: R,
    rest: Vec<u8>,
    offset: u64,
    ended: bool,
}

impl<R: Read> Frames<R> {
    /// Begins at the beginning of a file.
    pub fn new(reader: R) -> Self {
        Self { reader, rest: Vec::new(), offset: 0, ended: false }
    }

    /// Reads the next frames; none at the end of the file. What is no frame ends the file: it is the last span.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn next_chunk(&mut self) -> io::Result<Chunk> {
        let mut chunk = Chunk { bytes: std::mem::take(&mut self.rest), offset: self.offset, ends: Vec::new() };
        let mut at = 0;
        while chunk.ends.len() < CHUNK_FRAMES && at < CHUNK_BYTES {
            let rest = chunk.bytes.get(at..).unwrap_or_default();
            match frame_length(rest) {
                FrameLength::Bytes(length) if length <= rest.len() => at += length,
                FrameLength::Bytes(_) | FrameLength::Torn if !self.ended => {
                    self.ended = self.reader.by_ref().take(READ_BYTES).read_to_end(&mut chunk.bytes)? == 0;
                    continue;
                }
                FrameLength::Bytes(_) | FrameLength::Torn | FrameLength::Impossible => {
                    self.ended = true;
                    at = chunk.bytes.len();
                    if rest.is_empty() {
                        break;
                    }
                }
            }
            chunk.ends.push(at);
        }
        self.rest = chunk.bytes.split_off(at);
        self.offset += at as u64;
        Ok(chunk)
    }
}

#[cfg(test)]
mod tests {
    use tongcha_ledger::frame::{FrameRead, Record, read_frame};

    use super::*;

    fn frame(len: usize) -> Vec<u8> {
        Record { entry: vec![7; len], body: None }.to_frame().unwrap()
    }

    // A reader that gives one byte at a time: cuts fall everywhere.
    struct Dribble<'a>(&'a [u8]);

    impl Read for Dribble<'_> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let len = to.len().min(1);
            self.0.read(&mut to[..len])
        }
    }

    fn spans(mut frames: Frames<impl Read>) -> Vec<(u64, Vec<u8>)> {
        let mut all = Vec::new();
        loop {
            let chunk = frames.next_chunk().unwrap();
            if chunk.is_empty() {
                return all;
            }
            assert!(chunk.len() <= CHUNK_FRAMES);
            all.extend(chunk.spans(0).map(|span| (span.offset, span.bytes.to_vec())));
        }
    }

    #[test]
    fn a_file_is_cut_into_its_frames_wherever_reads_end() {
        let lengths = [0, 1, 300, 5, 4000];
        let file: Vec<u8> = lengths.iter().flat_map(|&len| frame(len)).collect();
        let expected: Vec<_> = lengths
            .iter()
            .scan(0, |offset, &len| {
                let at = *offset;
                *offset += frame(len).len() as u64;
                Some((at, frame(len)))
            })
            .collect();
        assert_eq!(spans(Frames::new(file.as_slice())), expected);
        assert_eq!(spans(Frames::new(Dribble(&file))), expected);
    }

    #[test]
    fn many_frames_come_in_several_chunks() {
        let file = frame(1).repeat(CHUNK_FRAMES * 2 + 1);
        let all = spans(Frames::new(file.as_slice()));
        assert_eq!(all.len(), CHUNK_FRAMES * 2 + 1);
        assert!(all.iter().enumerate().all(|(i, (offset, _))| *offset == (i * frame(1).len()) as u64));
    }

    #[test]
    fn what_is_no_frame_is_the_last_span() {
        let torn = [frame(10), frame(20)[..9].to_vec()].concat();
        let found = spans(Frames::new(torn.as_slice()));
        assert_eq!(found.len(), 2);
        assert_eq!(read_frame(&found[1].1), FrameRead::Torn);
        let garbage = [frame(10), vec![0xFF; 70_000]].concat();
        let found = spans(Frames::new(garbage.as_slice()));
        assert_eq!(found.len(), 2);
        assert_eq!(read_frame(&found[1].1), FrameRead::Damaged);
        assert_eq!(spans(Frames::new(&[][..])), []);
    }

    #[test]
    fn spans_can_begin_within_a_chunk() {
        let file = [frame(1), frame(2), frame(3)].concat();
        let chunk = Frames::new(file.as_slice()).next_chunk().unwrap();
        let from = |at| chunk.spans(at).map(|span| (span.offset, span.end())).collect::<Vec<_>>();
        assert_eq!(from(1), from(0)[1..]);
        assert_eq!(from(3), []);
        assert_eq!(from(0)[2].1, file.len() as u64);
    }
}
