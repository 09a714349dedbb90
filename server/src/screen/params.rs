//! The parameters of a control sequence, read as xterm.js reads them.

/// More parameters, or more sub-parameters in all, are ignored.
const MOST: usize = 32;
const LARGEST: u32 = 0x7fff_ffff;

/// A control sequence, taken apart. Parameters that are missing or empty are 0, empty sub-parameters are
/// none.
#[derive(Debug, Clone)]
pub(super) struct Sequence {
    /// One of `<=>?`, or 0.
    pub(super) prefix: u8,
    /// Between the parameters and the end, or 0; sequences with more than one mean nothing here.
    pub(super) intermediate: u8,
    pub(super) last: u8,
    pub(super) params: Params,
}

/// See [`Sequence`].
#[derive(Debug, Clone)]
pub(super) struct Params {
    values: [u32; MOST],
    len: usize,
    subs: [Option<u32>; MOST],
    /// Where each parameter's sub-parameters end.
    ends: [u8; MOST],
}

impl Sequence {
    /// From the bytes after the introducer. Nothing, if it has more intermediates than anything has that is
    /// known.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (&last, rest) = bytes.split_last()?;
        let (prefix, rest) = match rest.split_first() {
            Some((&prefix @ b'<'..=b'?', rest)) => (prefix, rest),
            _ => (0, rest),
        };
        let end = rest.iter().position(|byte| (b' '..=b'/').contains(byte)).unwrap_or(rest.len());
        let intermediate = match rest[end..] {
            [] => 0,
            [one] => one,
            _ => return None,
        };
        Some(Self { prefix, intermediate, last, params: Params::read(&rest[..end]) })
    }
}

impl Params {
    fn read(bytes: &[u8]) -> Self {
        let mut params = Self { values: [0; MOST], len: 1, subs: [None; MOST], ends: [0; MOST] };
        let mut taken = 0;
        for param in bytes.split(|&byte| byte == b';').take(MOST) {
            let mut parts = param.split(|&byte| byte == b':');
            let at = params.len - 1;
            params.values[at] = parts.next().and_then(number).unwrap_or(0);
            for part in parts.take(MOST - taken) {
                params.subs[taken] = number(part);
                taken += 1;
            }
            params.ends[at] = taken as u8;
            params.len += 1;
        }
        params.len = (params.len - 1).max(1);
        params
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The parameters without their sub-parameters.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        self.values[..self.len].iter().copied()
    }

    /// 0 if it is not there.
    pub(super) fn get(&self, at: usize) -> u32 {
        self.values[..self.len].get(at).copied().unwrap_or(0)
    }

    /// As a count or a place: 1 if it is 0 or not there.
    pub(super) fn count(&self, at: usize) -> usize {
        self.get(at).max(1) as usize
    }

    pub(super) fn subs(&self, at: usize) -> &[Option<u32>] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.subs[start.into()..self.ends[at].into()]
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    let add =
        |sum: u32, digit: &u8| sum.saturating_mul(10).saturating_add(u32::from(digit - b'0')).min(LARGEST);
    (!digits.is_empty()).then(|| digits.iter().fold(0, add))
}
