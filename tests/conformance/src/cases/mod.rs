//! All cases, a file for each chapter of the document.

mod attachments;
mod counts;
mod credit;
mod ends;
mod gaps;
mod hello;
mod leaving;
mod liveness;
mod memory;
mod messages;
mod negotiation;
mod resume;
mod rules;
mod skip;
mod terminals;
mod tokens;
mod violations;
mod window;

use crate::case::Case;

/// A list for each file.
pub(crate) const ALL: &[&[Case]] = &[
    negotiation::CASES,
    hello::CASES,
    rules::CASES,
    resume::CASES,
    messages::CASES,
    counts::CASES,
    skip::CASES,
    credit::CASES,
    window::CASES,
    gaps::CASES,
    attachments::CASES,
    terminals::CASES,
    liveness::CASES,
    tokens::CASES,
    ends::CASES,
    leaving::CASES,
    memory::CASES,
    violations::CASES,
];
