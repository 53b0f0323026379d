//! Frames that no server sends: they are refused as a whole, and the next sound frame applies.

use protocol::{Definition, ErrorKind, Hole, HoleKind, Part, Scan, TemplateId};
use testkit::{
    Counts, Fragment, Page, delta,
    random::{self, Rng},
    shape,
};

const ROOT: TemplateId = TemplateId(7);

/// Sends broken bytes. If they are refused, nothing happened; if they happen to be sound, some
/// page came of it. A mount brings any page back.
fn survives(page: &mut Page, known: &Fragment, send: impl Fn(&mut Page) -> protocol::Result<()>) {
    let before = page.dom.html();
    if send(page).is_err() {
        assert_eq!(page.dom.html(), before, "a refused frame changes nothing");
        assert_eq!(page.dom.counts(), Counts::default(), "a refused frame emits nothing");
    } else {
        page.dom.counts();
    }
    page.mount(known);
}

/// Flips a bit, cuts the end off, or writes a random byte.
fn break_bytes(rng: &mut Rng, bytes: &mut Vec<u8>) {
    for _ in 0..=rng.below(3) {
        if bytes.is_empty() {
            return;
        }
        let at = rng.below(bytes.len());
        match rng.below(4) {
            0 => bytes.truncate(at),
            1 => bytes[at] = rng.below(256) as u8,
            2 => bytes.insert(at, rng.below(256) as u8),
            _ => bytes[at] ^= 1 << rng.below(8),
        }
    }
}

#[test]
fn broken_frames_are_refused_and_a_mount_recovers() {
    let mut refused = 0;
    for seed in 0..500 {
        let mut rng = Rng::new(seed);
        let definitions = random::definitions();
        let old = random::fragment(&mut rng, &definitions, ROOT);
        let new = random::change(&mut rng, &definitions, &old);
        let mut page = Page::new(definitions.clone());
        page.mount(&old);
        let mut bytes = Vec::new();
        delta(&mut rng, &definitions, &old, &new, &mut bytes);
        break_bytes(&mut rng, &mut bytes);
        survives(&mut page, &new, |page| page.update_bytes(&bytes));
        let mut bytes = page.bytes(&old);
        break_bytes(&mut rng, &mut bytes);
        refused += usize::from(page.mount_bytes(ROOT, &bytes).is_err());
        survives(&mut page, &new, |page| page.mount_bytes(ROOT, &bytes));
    }
    assert!(refused > 300, "{refused} frames were refused");
}

#[test]
fn every_prefix_of_a_frame_is_refused() {
    let mut rng = Rng::new(3);
    let definitions = random::definitions();
    let old = random::fragment(&mut rng, &definitions, ROOT);
    let new = random::change(&mut rng, &definitions, &old);
    let mut page = Page::new(definitions.clone());
    page.mount(&old);
    let mut bytes = Vec::new();
    delta(&mut rng, &definitions, &old, &new, &mut bytes);
    for end in 0..bytes.len() {
        assert!(page.update_bytes(&bytes[..end]).is_err());
    }
    page.update(&bytes, &new);
    let bytes = page.bytes(&old);
    let stored = page.engine.stored().len();
    for end in 0..bytes.len() {
        assert!(page.mount_bytes(ROOT, &bytes[..end]).is_err());
        assert_eq!(page.engine.stored().len(), stored, "a refused frame leaves nothing behind");
    }
    page.mount(&old);
}

/// Two rows and a condition, for deltas that do not fit them.
fn small() -> (Page, Fragment) {
    let definitions = ["<ul>{1 for 1}</ul>{2 if}{0}", "<li>{0}{1 if}</li>"].map(shape);
    let mut page = Page::new(definitions.into());
    let row = |text| Fragment::new(TemplateId(1)).text(text).holds([]);
    let fragment = Fragment::new(TemplateId(0)).int(1).holds([row("a"), row("b")]).holds([]);
    page.mount(&fragment);
    (page, fragment)
}

#[test]
fn what_does_not_fit_the_tree_is_out_of_range() {
    let (mut page, fragment) = small();
    for delta in [
        &[1, 3, 0][..],                           // There is no slot 3.
        &[2, 0, 1, 0, 2],                         // A slot twice.
        &[2, 2, 0xc2, 1, 3, 0],                   // Slots that do not ascend.
        &[1, 2, 0xc3, 1, 0, 1],                   // The condition has no body to change.
        &[1, 2, 9, 0],                            // There is no template 9.
        &[1, 1, 4, 0],                            // There is no list form 4.
        &[1, 1, 3, 1, 2, 1, 0, 1],                // There is no row 2.
        &[1, 1, 1, 1, 3 << 2, 0, 0],              // Three rows of two.
        &[1, 1, 1, 2, 1 << 2, 0, 1 << 2, 0, 0],   // A row twice.
        &[1, 1, 1, 1, 2 << 2 | 2, 0, 0],          // Below the first row.
        &[1, 1, 1, 2, 2 << 2 | 3, 1 << 2 | 3, 0], // Three rows of two, in their places.
        &[1, 1, 1, 2, 1 << 2, 1, 3, 0],           // The rest begins with a row that has its place.
        &[1, 0, 0x91, 0xa1, 0x21],                // A number is no text that could go on.
        &[1, 1, 2, 2, 1, 1, 0],                   // A row twice.
        &[1, 1, 2, 1, 3, 0],                      // There is no row 2.
        &[1, 1, 2, 1, 0, 1, 0xc2, 1, 0, 1, 0, 2], // A new row is not changed.
        &[1, 1, 3, 2, 1, 1, 0, 1, 0xce, 0xff, 0xff, 0xff, 0xff, 1, 0, 2], // Indices run over.
    ] {
        let error = page.update_bytes(delta).expect_err("refused");
        assert_eq!(error.kind, ErrorKind::OutOfRange, "{delta:?}");
    }
    assert_eq!(
        page.update_bytes(&[1, 0, 2, 2]).map_err(|error| error.kind),
        Err(ErrorKind::TrailingBytes)
    );
    assert_eq!(page.dom.counts(), Counts::default());
    page.check(&fragment);
    assert_eq!(
        page.mount_bytes(TemplateId(9), &[]).map_err(|error| error.kind),
        Err(ErrorKind::OutOfRange)
    );
}

#[test]
fn huge_counts_are_refused_before_anything_is_allocated() {
    let (mut page, _) = small();
    let most = [0xce, 0xff, 0xff, 0xff, 0xff];
    for start in [&[1, 1, 0][..], &[1, 1, 2], &[1, 1, 1], &[1, 1, 3], &[]] {
        assert!(page.update_bytes(&[start, &most].concat()).is_err());
    }
    // A run of 2^30 new rows, and one of as many old ones.
    for run in [0xffff_fffd_u32, 0xffff_fffc] {
        let bytes = [&[1, 1, 1, 1, 0xce][..], &run.to_be_bytes(), &[0, 0, 0]].concat();
        assert!(page.update_bytes(&bytes).is_err());
    }
    // Rows without values take no byte, and still have their limit.
    let mut page = Page::new(["<ul>{0 for 1}</ul>", "<hr>"].map(shape).into());
    let bytes = [0xce, 0, 1, 0x40, 0];
    assert_eq!(
        page.mount_bytes(TemplateId(0), &bytes).map_err(|error| error.kind),
        Err(ErrorKind::Limit)
    );
    assert!(page.mount_bytes(TemplateId(0), &[0xcd, 0x40, 0]).is_ok());
}

#[test]
fn a_definition_asks_for_no_more_values_than_its_holes_do() {
    let sound = shape("<p>{0}</p>");
    let hole = |kind, joined, slot| Part::Hole(Hole { kind, joined, slot, template: None });
    let holes = |parts: &[Part]| Definition { parts: parts.to_vec(), ..sound.clone() };
    for lie in [
        Definition { scalars: u32::MAX, ..sound.clone() },
        Definition { key: Some(u32::MAX - 1), ..sound.clone() },
        holes(&[hole(HoleKind::Text, false, 1)]),
        holes(&[hole(HoleKind::RawText, true, 0)]),
        holes(&[hole(HoleKind::RawText, false, 0), hole(HoleKind::Condition, true, 0)]),
        holes(&[hole(HoleKind::Condition, false, 0), hole(HoleKind::RawText, true, 0)]),
    ] {
        let mut page = Page::new(vec![]);
        let bytes = testkit::encoded(0, &[lie]);
        let error = page.engine.define(&mut Scan::new(&bytes), &mut page.dom).expect_err("refused");
        assert_eq!(error.kind, ErrorKind::OutOfRange);
    }
}

#[test]
fn fragments_are_64_levels_deep_at_most() {
    // A condition in a condition in a condition.
    let mut page = Page::new(vec![shape("<div>{0 if}</div>")]);
    let deep = |levels: usize| [vec![0; levels - 1], vec![0xc2]].concat();
    assert!(page.mount_bytes(TemplateId(0), &deep(64)).is_ok());
    let limit = Err(ErrorKind::Limit);
    assert_eq!(page.mount_bytes(TemplateId(0), &deep(65)).map_err(|error| error.kind), limit);
    // A delta through all levels, into the empty innermost one, is one level too deep.
    let mut delta = [1, 0, 0xc3].repeat(63);
    delta.extend([1, 0, 0, 0xc2]);
    assert_eq!(page.update_bytes(&delta).map_err(|error| error.kind), limit);
    // A template that holds itself, ten times over and without an end.
    let endless = shape(&(0..10).map(|slot| format!("{{{slot} with 0}}")).collect::<String>());
    let mut page = Page::new(vec![endless]);
    assert_eq!(page.mount_bytes(TemplateId(0), &[]).map_err(|error| error.kind), limit);
}
