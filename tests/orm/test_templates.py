"""Templates over real models: Django's output, never more queries, and at most as many as told here.

Each template has three numbers of queries, Django's and ours: for querysets that only the context of
a view holds, for querysets that somebody keeps, and for lists of rows.
"""

import pytest
from data import compared, library, lists


def B(body):
    return "{% for b in books %}" + body + "{% endfor %}"


def A(body):
    return "{% for a in authors %}" + body + "{% endfor %}"


CASES = {
    "columns": (B("{{ b.title }}{{ b.pages }}"), "1→1", "1→1", "0→0"),
    "key": (B("{{ b.pk }}{{ b.id }}{{ b.author_id }}"), "1→1", "1→1", "0→0"),
    "one": (B("{{ b.author.name }}"), "51→1", "51→2", "50→1"),
    "nullable": (B("{{ b.editor.name }}"), "34→1", "34→2", "33→1"),
    "tested nullable": (
        B("{% if b.editor %}{{ b.editor.name }}{% endif %}"),
        "34→1",
        "34→2",
        "33→1",
    ),
    "chain": (B("{{ b.author.publisher.country.name }}"), "135→1", "135→4", "134→3"),
    "two relations": (B("{{ b.author.name }}{{ b.editor.mentor.name }}"), "100→1", "100→4", "99→3"),
    "related key": (B("{{ b.author.pk }}"), "51→1", "51→2", "50→1"),
    "row printed": (B("{{ b }}"), "51→2", "51→2", "50→1"),
    "related printed": (B("{{ b.author }}"), "51→1", "51→2", "50→1"),
    "property": (B("{{ b.title }}{{ b.summary }}"), "1→1", "1→1", "0→0"),
    "property and relation": (B("{{ b.summary }}{{ b.author.name }}"), "51→1", "51→2", "50→1"),
    "cached property": (B("{{ b.first_word }}"), "1→1", "1→1", "0→0"),
    "method with relations": (B("{{ b.credit }}"), "135→4", "135→4", "134→3"),
    "display": (B("{{ b.get_state_display }}"), "1→1", "1→1", "0→0"),
    "compared": (B("{% if b.author == boss %}x{% endif %}"), "51→1", "51→2", "50→1"),
    "membership": (B("{% if b.author in favourites %}x{% endif %}"), "51→1", "51→2", "50→1"),
    "membership of row": (B("{% if b in books %}x{% endif %}"), "1→1", "1→1", "0→0"),
    "unknown name": (B("{{ b.nothing }}{{ b.author.nothing }}"), "51→1", "51→2", "50→1"),
    "list": (B("{% for t in b.tags.all %}{{ t.label }}{% endfor %}"), "51→2", "51→2", "50→1"),
    "list tested": (
        B("{% if b.tags.all %}{% for t in b.tags.all %}{{ t.label }}{% endfor %}{% endif %}"),
        "88→2",
        "88→2",
        "87→1",
    ),
    "list counted": (B("{{ b.tags.count }}"), "51→51", "51→51", "50→50"),
    "list all counted": (B("{{ b.tags.all.count }}"), "51→51", "51→51", "50→50"),
    "list length": (B("{{ b.tags.all|length }}"), "51→2", "51→2", "50→1"),
    "list first": (B("{{ b.tags.first }}"), "51→51", "51→51", "50→50"),
    "list all first": (
        B("{{ b.tags.all.0 }}{{ b.tags.all|first }}"),
        "101→101",
        "101→101",
        "100→100",
    ),
    "list and count": (
        B("{% for t in b.tags.all %}{{ t }}{% endfor %}{{ b.tags.count }}"),
        "101→2",
        "101→2",
        "100→1",
    ),
    "list exists": (B("{% if b.reviews.exists %}x{% endif %}"), "51→51", "51→51", "50→50"),
    "list joined": (B("{{ b.tags.all|join:', ' }}"), "51→2", "51→2", "50→1"),
    "reverse": (A("{% for b in a.books.all %}{{ b.title }}{% endfor %}"), "7→2", "7→2", "6→1"),
    "reverse and back": (
        A(
            "{% for b in a.books.all %}{{ b.title }} {{ b.author.name }} {{ b.editor.name }}{% endfor %}"
        ),
        "40→2",
        "40→2",
        "39→1",
    ),
    "reverse reverse": (
        A(
            "{% for b in a.books.all %}{% for r in b.reviews.all %}{{ r.stars }}{{ r.critic.name }}{% endfor %}{% endfor %}"
        ),
        "77→3",
        "77→3",
        "76→2",
    ),
    "deep": (
        "{% for p in publishers %}{% for a in p.authors.all %}{% for b in a.books.all %}{% for t in b.tags.all %}{{ t.label }}{{ b.title }}{{ a.name }}{{ p.country.name }}{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
        "58→4",
        "58→5",
        "57→4",
    ),
    "through": (
        B("{% for g in b.taggings.all %}{{ g.tag.label }}{{ g.weight }}{% endfor %}"),
        "124→2",
        "124→2",
        "123→1",
    ),
    "self": (
        A("{{ a.mentor.mentor.name }}{% for p in a.pupils.all %}{{ p.name }}{% endfor %}"),
        "13→2",
        "13→4",
        "12→3",
    ),
    "one to one": (A("{{ a.profile.website }}"), "7→1", "7→2", "6→1"),
    "one to one and back": (A("{{ a.profile.author.name }}"), "7→1", "7→2", "6→1"),
    "relation of list": (
        A("{% for b in a.edited.all %}{{ b.author.profile.website }}{% endfor %}"),
        "73→2",
        "73→2",
        "72→1",
    ),
    "list of relation": (
        B("{% for o in b.author.books.all %}{{ o.title }}{% endfor %}"),
        "101→2",
        "101→3",
        "100→2",
    ),
    "generic": (
        "{% for n in notes %}{{ n.text }}{{ n.target }}{% endfor %}",
        "27→7",
        "27→7",
        "26→6",
    ),
    "generic relation": (
        B("{% for n in b.notes.all %}{{ n.text }}{% endfor %}"),
        "52→3",
        "52→3",
        "51→2",
    ),
    "generic chain": (
        "{% for n in notes %}{{ n.target.author.name }}{% endfor %}",
        "27→7",
        "27→7",
        "26→6",
    ),
    "inherited": (
        "{% for p in papers %}{{ p.title }}{{ p.price }}{{ p.author.name }}{% endfor %}",
        "5→1",
        "5→2",
        "4→1",
    ),
    "inherited column": ("{% for p in papers %}{{ p.price }}{% endfor %}", "1→1", "1→1", "0→0"),
    "inherited list": (
        "{% for p in papers %}{% for t in p.tags.all %}{{ t }}{% endfor %}{{ p.book_ptr.title }}{% endfor %}",
        "5→2",
        "5→2",
        "4→1",
    ),
    "child": (B("{{ b.paperback.price }}"), "51→1", "51→2", "50→1"),
    "proxy": (
        "{% for u in used %}{{ u.title }}{{ u.author.name }}{% endfor %}",
        "51→1",
        "51→2",
        "50→1",
    ),
    "proxy property": (
        "{% for u in used %}{{ u.loud }}{{ u.author.name }}{% endfor %}",
        "51→1",
        "51→2",
        "50→1",
    ),
    "text key": (
        "{% for s in shelves %}{% for c in s.copies.all %}{{ c.book.title }}{% endfor %}{% endfor %}",
        "54→7",
        "54→7",
        "53→6",
    ),
    "without order": (
        "{% for c in copies %}{{ c.book.title }}{{ c.shelf.code }}{% endfor %}",
        "101→3",
        "101→3",
        "100→2",
    ),
    "without constraint": (
        "{% for c in copies %}{{ c.lost_author.name }}{% endfor %}",
        "51→2",
        "51→2",
        "50→1",
    ),
    "hooked model": ("{% for w in watched %}{{ w.name }}{% endfor %}", "1→1", "1→1", "0→0"),
    "tested then looped": (
        "{% if books %}<ul>" + B("{{ b.author.name }}") + "</ul>{% endif %}{{ books.count }}",
        "51→1",
        "51→2",
        "50→1",
    ),
    "counted": (
        B("{{ b.author.name }}") + "{{ books.count }}{{ books|length }}",
        "51→1",
        "51→2",
        "50→1",
    ),
    "twice": (B("{{ b.title }}") + B("{{ b.author.name }}"), "51→1", "51→2", "50→1"),
    "first": (
        "{{ books.first.author.name }}{{ books.0.title }}{{ books|first }}",
        "5→3",
        "5→5",
        "1→1",
    ),
    "sliced": (
        "{% for b in books|slice:':5' %}{{ b.author.name }}{% endfor %}",
        "6→1",
        "6→2",
        "5→1",
    ),
    "sorted": (
        "{% for b in books|dictsort:'pages' %}{{ b.author.name }}{% endfor %}",
        "51→1",
        "51→2",
        "50→1",
    ),
    "sorted by relation": (
        "{% for b in books|dictsort:'author.name' %}{{ b.title }}{% endfor %}",
        "51→1",
        "51→51",
        "50→50",
    ),
    "reversed": (
        "{% for b in books reversed %}{{ b.author.name }}{% endfor %}",
        "51→1",
        "51→2",
        "50→1",
    ),
    "with": (
        "{% with list=books %}{% for b in list %}{% with a=b.author %}{{ a.name }}{% endwith %}{% endfor %}{% endwith %}",
        "51→1",
        "51→2",
        "50→1",
    ),
    "with fresh": (
        "{% with list=manager.all %}{% if list %}{% for b in list %}{{ b.author.name }}{% endfor %}{% endif %}{% endwith %}",
        "55→1",
        "55→1",
        "55→1",
    ),
    "manager": (
        "{% for b in manager.all %}{{ b.title }}{{ b.author.name }}{% endfor %}",
        "55→1",
        "55→1",
        "55→1",
    ),
    "method of queryset": (
        "{% for b in books.long %}{{ b.author.name }}{% endfor %}",
        "22→1",
        "22→1",
        "0→0",
    ),
    "chained all": (
        "{% for b in books.all %}{{ b.author.name }}{% endfor %}",
        "51→1",
        "51→1",
        "0→0",
    ),
    "one row": (
        "{{ book.author.publisher.name }}{% for r in book.reviews.all %}{{ r.critic.name }}{{ r.book.title }}{% endfor %}",
        "4→3",
        "4→3",
        "4→3",
    ),
    "list of one row": (
        "{% for a in boss.books.all %}{{ a.author.name }}{{ a.editor.name }}{% endfor %}",
        "10→1",
        "10→1",
        "10→1",
    ),
    "condition": (
        B(
            "{% if b.pages > 200 %}{{ b.author.name }}{% for t in b.tags.all %}{{ t }}{% endfor %}{% endif %}"
        ),
        "43→2",
        "43→3",
        "42→2",
    ),
    "never": (
        B(
            "{% if b.pages > 9999 %}{{ b.editor.name }}{% for t in b.tags.all %}{{ t }}{% endfor %}{% endif %}"
        ),
        "1→1",
        "1→1",
        "0→0",
    ),
    "simple tag with row": (B("{% title_of b %}"), "51→2", "51→2", "50→1"),
    "simple tag with column": (B("{{ b.author.name }}{% twice b.title %}"), "51→1", "51→2", "50→1"),
    "context tag": ("{% first_body %}" + B("{{ b.author.name }}"), "51→2", "51→2", "50→1"),
    "context tag inside": (B("{{ b.author.name }}{% first_body %}"), "51→2", "51→2", "50→1"),
    "filter": (
        B("{{ b|tag_names }}{% for t in b.tags.all %}{{ t.label }}{% endfor %}"),
        "101→2",
        "101→2",
        "100→1",
    ),
    "filter of column": (
        B("{{ b.title|shout }}{{ b.author.name|upper|default:b.pages }}"),
        "51→1",
        "51→2",
        "50→1",
    ),
    "regroup": (
        "{% regroup books by author as groups %}{% for g in groups %}{{ g.grouper }}{% for b in g.list %}{{ b.editor.name }}{% endfor %}{% endfor %}",
        "84→84",
        "84→84",
        "83→83",
    ),
    "values": ("{% for b in books.values %}{{ b.title }}{% endfor %}", "1→1", "1→1", "0→0"),
    "query": ("{{ books.ordered }}" + B("{{ b.author.name }}"), "51→2", "51→2", "50→1"),
    "cycle": (B("{% cycle 'a' 'b' %}{{ b.author.name }}"), "51→2", "51→2", "50→1"),
    "ifchanged": (
        B("{% ifchanged b.author_id %}{{ b.author.name }}{% endifchanged %}"),
        "51→2",
        "51→2",
        "50→1",
    ),
    "firstof": (B("{% firstof b.editor.name b.author.name %}"), "51→3", "51→3", "50→2"),
    "autoescape": (
        "{% autoescape off %}" + B("{{ b.author.name }}") + "{% endautoescape %}",
        "51→1",
        "51→2",
        "50→1",
    ),
    "empty": (
        "{% for b in books.none %}{{ b.author }}{% empty %}none{% endfor %}",
        "0→0",
        "0→0",
        "0→0",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_output_is_djangos_and_queries_are_few(name):
    source, *numbers = CASES[name]
    kept = []

    def keeping():
        kept.append(library())
        return dict(kept[-1])

    for values, told in zip((library, keeping, lists), numbers, strict=True):
        theirs, ours = compared(source, values)
        expected, most = map(int, told.split("→"))
        assert theirs.count == expected
        assert ours.count <= most, "\n".join(ours.queries)


@pytest.mark.parametrize("name", CASES)
def test_a_name_that_makes_a_new_queryset_each_time(name):
    def functions():
        return {
            name: value._chain if hasattr(value, "_chain") else value
            for name, value in library().items()
        }

    compared(CASES[name][0], functions)
