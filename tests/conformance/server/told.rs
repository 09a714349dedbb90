//! A source that does what it is told; README.md has its commands.

use envsocket_server::resume::{Entry, Farewell, Input, Message, Output, Recorder, Size, Source, Urgent};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::gates::Gates;

pub(crate) struct Told {
    input: Option<Listener>,
    tasks: UnboundedReceiver<Task>,
    saying: Vec<Output>,
    gates: Gates,
    wills: Vec<String>,
    draws: bool,
}

/// What there is to do, in the order in which it was told.
enum Task {
    Say(Output),
    Repeat { count: usize, length: usize, is_text: bool },
    Open(String),
    Will(String),
}

pub(crate) struct Listener {
    tasks: UnboundedSender<Task>,
    gates: Gates,
    shut_down: Box<dyn Fn() + Send + Sync>,
}

impl Told {
    pub(crate) fn new(gates: Gates, draws: bool, shut_down: impl Fn() + Send + Sync + 'static) -> Self {
        let (sender, tasks) = mpsc::unbounded_channel();
        let input = Listener { tasks: sender, gates: gates.clone(), shut_down: Box::new(shut_down) };
        Self { input: Some(input), tasks, saying: Vec::new(), gates, wills: Vec::new(), draws }
    }
}

impl Source for Told {
    type Input = Listener;

    fn input(&mut self) -> Listener {
        self.input.take().expect("the library asks for it once")
    }

    async fn next(&mut self) -> Output {
        loop {
            if let Some(output) = self.saying.pop() {
                return output;
            }
            match self.tasks.recv().await {
                Some(Task::Say(output)) => return output,
                Some(Task::Repeat { count, length, is_text }) => {
                    self.saying = (1..=count).rev().map(|number| numbered(number, length, is_text)).collect();
                }
                Some(Task::Open(gate)) => self.gates.open(&gate),
                Some(Task::Will(gate)) => self.wills.push(gate),
                None => return Output::end("nobody is left to tell it anything"),
            }
        }
    }

    fn recorder(&mut self) -> Option<Box<dyn Recorder<Message> + Send>> {
        self.draws.then(|| Box::new(Latest(None)) as _)
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        for gate in &self.wills {
            self.gates.open(gate);
        }
    }
}

/// The number, filled up with points or cut to the length.
fn numbered(number: usize, length: usize, is_text: bool) -> Output {
    let mut text = number.to_string();
    text.extend(std::iter::repeat_n('.', length.saturating_sub(text.len())));
    text.truncate(length);
    if is_text { text.into() } else { text.into_bytes().into() }
}

impl Input for Listener {
    async fn take(&mut self, message: Message) {
        let command = match &message {
            Message::Text(text) => text.strip_prefix('!').map(str::to_owned),
            Message::Binary(_) => None,
        };
        let Some(command) = command else { return self.tell(Task::Say(message.into())) };
        let words: Vec<&str> = command.split(' ').collect();
        match *words {
            ["say", count, length] => self.repeat(count, length, true),
            ["bytes", count, length] => self.repeat(count, length, false),
            ["quiet", ..] => {}
            ["stop", gate] => self.gates.pass(gate).await,
            ["go", gate] => self.tell(Task::Open(gate.to_owned())),
            ["will", gate] => self.tell(Task::Will(gate.to_owned())),
            ["end", code] => {
                self.tell(Task::Say(Output::End {
                    code: code.parse().ok(),
                    reason: "told to end".to_owned(),
                }));
            }
            ["size", cols, rows] => {
                self.tell(Task::Say(Output::Size(Size { cols: number(cols), rows: number(rows) })))
            }
            ["gone"] => self.tell(Task::Say(Urgent::Gone(Farewell::new(4410, "told to be gone")).into())),
            ["shutdown"] => (self.shut_down)(),
            _ => self.tell(Task::Say(format!("what is {command}?").into())),
        }
    }

    async fn resize(&mut self, Size { cols, rows }: Size) {
        self.tell(Task::Say(format!("resized {cols} {rows}").into()));
    }
}

impl Listener {
    fn tell(&self, task: Task) {
        // A source that is no more does nothing.
        let _ = self.tasks.send(task);
    }

    fn repeat(&self, count: &str, length: &str, is_text: bool) {
        self.tell(Task::Repeat { count: number(count), length: number(length), is_text });
    }
}

/// A command with a number that is none is the suite's own mistake.
fn number<T: std::str::FromStr>(word: &str) -> T {
    word.parse().unwrap_or_else(|_| panic!("the suite says {word:?} for a number"))
}

/// Draws the latest message.
struct Latest(Option<Message>);

impl Recorder<Message> for Latest {
    fn record(&mut self, entry: &Entry<Message>) {
        if let Entry::Message(message) = entry {
            self.0 = Some(message.clone());
        }
    }

    fn snapshot(&self) -> Option<Message> {
        self.0.clone()
    }
}
