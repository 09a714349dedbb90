//! The frames of `docs/PROTOCOL.md`, and what a codec is held to by them: it reads and writes every example as it
//! stands, refuses what is refused there for the reason that is written there, and keeps to the types and
//! bounds in the tables. Part of the tests of every codec that there is; it knows none of them.

use std::collections::BTreeSet;
use std::fmt::Debug;

const DOCUMENT: &str = include_str!("../../docs/PROTOCOL.md");

/// The largest number, and the one after it.
const MOST: &str = "9007199254740991";
const TOO_MUCH: &str = "9007199254740992";

/// Whose frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Client,
    Server,
}

impl End {
    fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }

    /// The types of its frames.
    fn types(self) -> &'static [&'static str] {
        match self {
            Self::Client => &["ack", "hello", "ping", "pong", "resize", "skip", "token"],
            Self::Server => &["ack", "bye", "end", "gap", "ping", "pong", "role", "size", "welcome"],
        }
    }
}

/// How one platform reads and writes the frames of one end. Texts are without their mark.
pub(crate) struct Codec<'a, F> {
    /// A frame, or the reason why it is none.
    pub(crate) read: &'a dyn Fn(&str) -> Result<F, String>,
    pub(crate) write: &'a dyn Fn(&F) -> String,
    /// The fields of any object, each with its value as the platform's JSON writes it.
    pub(crate) fields: &'a dyn Fn(&str) -> Vec<(String, String)>,
}

/// Holds the codec to all that the document says of this end's frames.
pub(crate) fn check<F: Debug + PartialEq>(end: End, codec: &Codec<'_, F>) {
    let mut seen = BTreeSet::new();
    for section in sections() {
        for block in section.blocks.iter().filter(|block| block.is_of(end)) {
            match block.kind() {
                Some(Kind::Example) => {
                    let kind = codec.example(block);
                    codec.keeps_to_the_table(&section, &kind, block);
                    seen.insert(kind);
                }
                Some(Kind::Tolerated) => codec.tolerated(block),
                Some(Kind::Refused) => codec.refused(block),
                None => {}
            }
        }
    }
    let expected: BTreeSet<String> = end.types().iter().map(ToString::to_string).collect();
    assert_eq!(seen, expected, "every frame of the {} has an example, and no other has", end.name());
}

impl<F: Debug + PartialEq> Codec<'_, F> {
    fn read_good(&self, text: &str, line: usize) -> F {
        (self.read)(text).unwrap_or_else(|why| panic!("docs/PROTOCOL.md:{line} is refused: {why}"))
    }

    /// Reads it and writes it back. Returns its type.
    fn example(&self, block: &Block) -> String {
        let frame = self.read_good(&block.text, block.line);
        let (mut shown, mut written) = ((self.fields)(&block.text), (self.fields)(&(self.write)(&frame)));
        shown.sort();
        written.sort();
        assert_eq!(written, shown, "docs/PROTOCOL.md:{}", block.line);
        let (_, kind) = shown.into_iter().find(|(name, _)| name == "type").expect("it was read");
        kind.trim_matches('"').to_owned()
    }

    /// Reads it as the same frame that it writes for it.
    fn tolerated(&self, block: &Block) {
        let frame = self.read_good(&block.text, block.line);
        let again = self.read_good(&(self.write)(&frame), block.line);
        assert_eq!(again, frame, "docs/PROTOCOL.md:{}", block.line);
    }

    fn refused(&self, block: &Block) {
        let lines: Vec<&str> = block.text.lines().collect();
        for (index, pair) in lines.chunks(2).enumerate() {
            let line = block.line + 1 + 2 * index;
            let [text, reason] = pair else { panic!("docs/PROTOCOL.md:{line} has no reason") };
            let why = (self.read)(text).expect_err("what the document refuses is refused");
            assert_eq!(why, *reason, "docs/PROTOCOL.md:{line}");
        }
    }

    /// Tries the bounds that the table gives for each field, with the others as in the example.
    fn keeps_to_the_table(&self, section: &Section, kind: &str, block: &Block) {
        let fields = (self.fields)(&block.text);
        let shown: BTreeSet<&str> = fields.iter().map(|(name, _)| &**name).collect();
        let table = section.rows.iter().map(|row| row.field).chain(["type"]).collect();
        assert_eq!(shown, table, "the fields of `{kind}` and those of its table");
        for Row { field, kind: type_ } in &section.rows {
            let (type_, partner) = type_.split_once("; with `").unwrap_or((type_, ""));
            if fields.iter().any(|(name, value)| partner == [name, "`"].concat() && value == "null") {
                continue;
            }
            let bounds = Bounds::read(type_, partner.is_empty());
            let complaint = [kind, ": `", field, "` ", bounds.complaint].concat();
            for value in &bounds.refused {
                let why = (self.read)(&with(&fields, field, value.as_deref())).err();
                assert_eq!(why.as_ref(), Some(&complaint), "{value:?}");
            }
            for value in &bounds.taken {
                // It may contradict the other fields of the example, which is another complaint.
                let why = (self.read)(&with(&fields, field, value.as_deref())).err();
                assert_ne!(why.as_ref(), Some(&complaint), "{value:?}");
            }
        }
    }
}

/// The object with another value of a field; without it if there is none.
fn with(fields: &[(String, String)], field: &str, value: Option<&str>) -> String {
    let written = fields.iter().filter_map(|(name, old)| {
        let value = if name == field { value? } else { old };
        Some(["\"", name, "\":", value].concat())
    });
    ["{", &written.collect::<Vec<_>>().join(","), "}"].concat()
}

/// What a type of the tables takes and refuses, as JSON; `None` is a field that is missing.
struct Bounds {
    taken: Vec<Option<String>>,
    refused: Vec<Option<String>>,
    complaint: &'static str,
}

impl Bounds {
    fn read(type_: &str, stands_alone: bool) -> Self {
        let (type_, may_miss) = strip(type_, ", or missing");
        let (type_, may_be_null) = strip(type_, ", or null");
        let mut bounds = Self::of(type_);
        // What goes with another field is missing, or null, only together with it: examples show that.
        if stands_alone {
            bounds.sort(None, may_miss);
            bounds.sort(Some("null"), may_be_null);
        }
        bounds
    }

    /// What it says of values that are there.
    fn of(type_: &str) -> Self {
        const ID: &str = r#""00112233445566778899aabbccddeeff""#;
        let number = "must be a whole number within its bounds";
        let (taken, refused, complaint): (Vec<String>, Vec<String>, _) = match type_ {
            "id" => (
                words(&[ID]),
                words(&["7", "{}", r#""""#, &ID.replacen('a', "A", 1), &ID.replacen("00", "0", 1)]),
                "must be 32 hexadecimal digits in lower case",
            ),
            "flag" => {
                (words(&["true", "false"]), words(&["0", "1", r#""true""#, "[]"]), "must be true or false")
            }
            "token" => {
                let long = |bytes| ["\"", &"x".repeat(bytes), "\""].concat();
                (
                    vec![long(1), long(8_192)],
                    vec![long(0), long(8_193), "7".into(), "{}".into()],
                    "must be a text of 1 to 8192 bytes",
                )
            }
            "text" => (words(&[r#""""#, r#""two words""#]), words(&["7", "true", "[]"]), "must be a text"),
            "32-bit number" => (
                words(&["-2147483648", "0", "2147483647"]),
                words(&["-2147483649", "2147483648", "0.5", "true", r#""0""#]),
                "must be a whole number of 32 bits, or null",
            ),
            _ => {
                let (least, most) = range(type_);
                let above = if most == MOST { TOO_MUCH.to_owned() } else { (parse(&most) + 1).to_string() };
                let below = (parse(&least) - 1).to_string();
                let refused =
                    [below, above, "1e300".into(), [&*least, ".5"].concat(), "true".into(), r#""1""#.into()];
                (vec![[&*least, ".0"].concat(), least, most], refused.into(), number)
            }
        };
        Self {
            taken: taken.into_iter().map(Some).collect(),
            refused: refused.into_iter().map(Some).collect(),
            complaint,
        }
    }

    fn sort(&mut self, value: Option<&str>, is_taken: bool) {
        let list = if is_taken { &mut self.taken } else { &mut self.refused };
        list.push(value.map(str::to_owned));
    }
}

fn strip<'a>(text: &'a str, end: &str) -> (&'a str, bool) {
    text.strip_suffix(end).map_or((text, false), |rest| (rest, true))
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

/// `number ≥ n` or `number n–m`.
fn range(type_: &str) -> (String, String) {
    let text = type_.strip_prefix("number ").unwrap_or_else(|| panic!("an unknown type: {type_}"));
    match (text.strip_prefix("≥ "), text.split_once('–')) {
        (Some(least), _) => (least.to_owned(), MOST.to_owned()),
        (None, Some((least, most))) => (least.to_owned(), most.to_owned()),
        _ => panic!("an unknown type: {type_}"),
    }
}

fn parse(number: &str) -> i64 {
    number.parse().unwrap_or_else(|_| panic!("no number: {number}"))
}

/// A `###` section: one frame, or a few that look alike.
#[derive(Default)]
struct Section {
    rows: Vec<Row>,
    blocks: Vec<Block>,
}

/// A field, and its type.
struct Row {
    field: &'static str,
    kind: &'static str,
}

/// A fenced block.
struct Block {
    /// Where it begins, counted from 1.
    line: usize,
    info: &'static str,
    text: String,
}

/// What a block is an example of.
enum Kind {
    /// A frame as it is written.
    Example,
    /// A frame that nobody here writes like this, but everybody reads.
    Tolerated,
    /// Lines of what is refused, each followed by the reason.
    Refused,
}

impl Block {
    fn is_of(&self, end: End) -> bool {
        self.info.split(' ').any(|word| word == end.name())
    }

    fn kind(&self) -> Option<Kind> {
        match (self.info.split(' ').next()?, self.info.rsplit(' ').next()?) {
            ("json", "tolerated") => Some(Kind::Tolerated),
            ("json", "client" | "server") => Some(Kind::Example),
            ("text", "refused") => Some(Kind::Refused),
            _ => None,
        }
    }
}

fn sections() -> Vec<Section> {
    let mut sections = vec![Section::default()];
    let mut open: Option<Block> = None;
    for (index, line) in DOCUMENT.lines().enumerate() {
        let section = sections.last_mut().expect("it begins with one");
        match (line.strip_prefix("```"), &mut open) {
            (Some(info), None) => open = Some(Block { line: index + 1, info, text: String::new() }),
            (Some(_), Some(_)) => section.blocks.extend(open.take()),
            (None, Some(block)) => block.text.extend([line, "\n"]),
            (None, None) if line.starts_with("##") => sections.push(Section::default()),
            (None, None) => section.rows.extend(row(line)),
        }
    }
    assert!(open.is_none(), "docs/PROTOCOL.md ends inside a block");
    sections
}

/// A table's line about a field of a frame.
fn row(line: &'static str) -> Option<Row> {
    let (field, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
    let (kind, _) = rest.split_once(" | ")?;
    Some(Row { field, kind })
}
