//! How much happened, and whether everything that is to be tested did happen.

/// How often links were closed by the server, by the code.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Farewells {
    ended: u64,
    violated: u64,
    silent: u64,
    superseded: u64,
    too_slow: u64,
    other: u64,
}

impl Farewells {
    pub(crate) fn count(&mut self, code: u16) {
        *match code {
            1000 => &mut self.ended,
            4400 => &mut self.violated,
            4408 => &mut self.silent,
            4409 => &mut self.superseded,
            4413 => &mut self.too_slow,
            _ => &mut self.other,
        } += 1;
    }
}

macro_rules! tally {
    ($($name:ident: $what:literal),* $(,)?) => {
        /// Counts of what happened.
        #[derive(Debug, Default, Clone, Copy)]
        pub(crate) struct Tally {
            $(pub(crate) $name: u64,)*
            pub(crate) farewells: Farewells,
        }

        impl Tally {
            pub(crate) fn add(&mut self, other: &Self) {
                $(self.$name += other.$name;)*
                self.farewells.add(&other.farewells);
            }

            /// What never happened, though it should be tested.
            pub(crate) fn missing(&self) -> Vec<&'static str> {
                let counts = [$((self.$name, $what)),*];
                let never = counts.iter().filter(|(count, _)| *count == 0);
                never.map(|(_, what)| *what).chain(self.farewells.missing()).collect()
            }
        }
    };
}

tally! {
    steps: "steps",
    links: "links",
    faults: "faults of links",
    deadlines: "deadlines of the page",
    typed: "messages that people sent",
    refused: "messages that did not fit",
    applied: "input that a source took",
    told: "messages that listeners were told",
    discarded: "input that was discarded",
    resumed: "resumed sessions",
    lost: "lost sessions",
    protocol: "sessions given up for a violation",
    unheard: "hellos that never came",
    superseded: "late hellos",
    fenced: "links that were fenced alive",
    late: "frames of links that are over",
    welcomes_lost: "lost welcomes",
    gaps: "gaps by eviction",
    gaps_on_the_way: "gaps on a link that has output on its way",
    pictures: "gaps with a picture",
    skips: "skips",
    corrupted: "frames with another number",
    restarts: "restarts of the server",
    evicted: "evicted sessions",
    ended: "sources that ended",
    lives: "sources that were started",
    plain: "plain links",
    bare: "bare attempts right after a refusal",
    asked: "questions",
    answered: "questions that were answered",
    answered_elsewhere: "questions that were answered over another link",
    questions_late: "questions that timed out",
    questions_linkless: "questions that a plain link took along",
    questions_homeless: "questions that were lost with their session",
    questions_over: "questions that were lost with their connection",
    issued: "tokens that were given",
    renewed: "tokens that were renewed over an open link",
    rejected: "tokens that were rejected",
    readers: "welcomes to who may only read",
}

impl Farewells {
    fn add(&mut self, other: &Self) {
        self.ended += other.ended;
        self.violated += other.violated;
        self.silent += other.silent;
        self.superseded += other.superseded;
        self.too_slow += other.too_slow;
        self.other += other.other;
    }

    fn missing(&self) -> impl Iterator<Item = &'static str> {
        let counts = [
            (self.ended, "closes with 1000"),
            (self.violated, "closes with 4400"),
            (self.silent, "closes with 4408"),
            (self.superseded, "closes with 4409"),
            (self.too_slow, "closes with 4413"),
            (self.other, "other closes"),
        ];
        counts.into_iter().filter(|(count, _)| *count == 0).map(|(_, what)| what)
    }
}
