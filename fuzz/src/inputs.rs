//! One list of bytes goes in, a list of inputs comes out: a kind, an argument, and bytes for each.

/// Splits bytes: kind, argument, length (two bytes, the low one first), and so many bytes. What is
/// missing at the end is not there.
pub fn inputs(mut bytes: &[u8]) -> Vec<(u8, u8, &[u8])> {
    let mut inputs = Vec::new();
    while let [kind, argument, low, high, rest @ ..] = bytes {
        let length = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
        let (input, tail) = rest.split_at(length);
        inputs.push((*kind, *argument, input));
        bytes = tail;
    }
    inputs
}

/// The opposite of [`inputs`].
pub fn joined<'a>(inputs: impl IntoIterator<Item = (u8, u8, &'a [u8])>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (kind, argument, input) in inputs {
        let length = u16::try_from(input.len()).expect("a short input");
        bytes.extend([kind, argument]);
        bytes.extend(length.to_le_bytes());
        bytes.extend(input);
    }
    bytes
}
