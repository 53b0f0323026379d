//! What a session remembers: 16 bytes for each row of a list, and next to nothing else.

mod support;

use support::{KEY, MockHost, Printed, World, each, t, v};
use template::{Head, Op, Plan, Region, Session, Templates, Tree, compile, execute};
use testkit::memory::{Counting, measure};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const ROWS: u32 = 1_000;

/// What stands in a session besides the rows.
const FIXED: isize = 512;

fn tree(plan: &Plan, world: &World) -> Tree {
    let mut tree = Tree::default();
    execute(plan, &mut MockHost::new(world), &mut tree).expect("nothing fails");
    tree
}

#[test]
fn a_session_keeps_16_bytes_for_each_row() {
    let row = vec![t("<li id='"), v(KEY), t("'>"), v(0), t(" "), v(1), t("</li>")];
    let ops: Vec<Op> = vec![t("<ul>"), each(0, row), t("</ul>")];
    let plan = compile(&ops, Region::Whole);
    let mut world = World::default();
    world.loops.insert((0, vec![]), (0..ROWS).collect());
    for row in 0..ROWS {
        let text = format!("A text of row {row} that is longer than a hash of it would be.");
        world.values.insert((0, vec![row]), Printed::Text(text));
    }
    let mut templates = Templates::default();
    let mut seq = 0;
    let mut head = || {
        seq += 1;
        Head { root: 0, seq, ack: 0 }
    };
    let first = tree(&plan, &world);
    // Another session fills the table of templates, which belongs to the connection.
    drop(Session::new((1, 2)).mount(&plan, &first, &mut templates, head(), None));
    let ((mut session, mut kept), _) = measure(|| {
        let mut session = Session::new((1, 2));
        drop(session.mount(&plan, &first, &mut templates, head(), None));
        session
    });
    let limit = 16 * ROWS as isize + FIXED;
    assert!(kept <= limit, "{kept} bytes after the first frame");

    let mut rows: Vec<u32> = (0..ROWS).collect();
    for step in 0..40 {
        match step % 4 {
            0 => rows.reverse(),
            1 => rows.swap(1, 998),
            2 => drop(world.values.insert((0, vec![step]), Printed::Int(7))),
            _ => rows.rotate_left(1),
        }
        world.loops.insert((0, vec![]), rows.clone());
        let next = tree(&plan, &world);
        let ((frame, more), _) = measure(|| {
            session.update(&plan, &next, &mut templates, head()).map(|frame| frame.len())
        });
        assert!(frame.is_some_and(|length| length < 100), "step {step}");
        kept += more;
        assert!(kept <= limit, "{kept} bytes after step {step}");
    }
}
