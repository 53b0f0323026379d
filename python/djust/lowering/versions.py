"""Which tags are lowered, by the type of their node; and whether the nodes of this Django are what
lowering was written for.

The attributes of nodes are no public API of Django. For each node there is a tag that makes one,
and what its instances hold in the versions that lowering was written for (5.2 to 6.1). Where a
version differs, it may know something that lowering does not: Django renders that tag, and a check
says so.
"""

from functools import cache

from django.template import Engine, Library, defaulttags, loader_tags
from django.template.base import FilterExpression, Node, TextNode, Variable, VariableNode
from django.template.library import InclusionNode, SimpleNode
from django.templatetags import i18n as i18n_tags
from django.templatetags import l10n, static, tz

from djust.lowering import i18n, tags, templates
from djust.lowering.lowerer import Lowering

LOWERINGS: dict[type[Node], Lowering] = {
    TextNode: tags.text,
    VariableNode: tags.variable,
    defaulttags.IfNode: tags.if_,
    defaulttags.ForNode: tags.for_,
    defaulttags.WithNode: tags.with_,
    defaulttags.AutoEscapeControlNode: tags.autoescape,
    defaulttags.CommentNode: tags.nothing,
    defaulttags.LoadNode: tags.nothing,
    defaulttags.VerbatimNode: tags.verbatim,
    defaulttags.TemplateTagNode: tags.template_tag,
    defaulttags.CsrfTokenNode: tags.csrf,
    defaulttags.URLNode: tags.url,
    defaulttags.CycleNode: tags.cycle,
    defaulttags.ResetCycleNode: tags.reset_cycle,
    defaulttags.FirstOfNode: tags.first_of,
    defaulttags.WidthRatioNode: tags.width_ratio,
    defaulttags.NowNode: tags.now,
    defaulttags.RegroupNode: tags.regroup,
    defaulttags.IfChangedNode: tags.if_changed,
    defaulttags.SpacelessNode: tags.spaceless,
    defaulttags.FilterNode: tags.filter_,
    SimpleNode: tags.simple_tag,
    InclusionNode: templates.inclusion_tag,
    static.StaticNode: tags.static,
    static.PrefixNode: tags.prefix,
    loader_tags.IncludeNode: templates.include,
    loader_tags.ExtendsNode: templates.extends,
    loader_tags.BlockNode: templates.block,
    i18n_tags.TranslateNode: i18n.translate,
    i18n_tags.BlockTranslateNode: i18n.block_translate,
    i18n_tags.GetAvailableLanguagesNode: i18n.get_available_languages,
    i18n_tags.GetLanguageInfoNode: i18n.get_language_info,
    i18n_tags.GetLanguageInfoListNode: i18n.get_language_info_list,
    i18n_tags.GetCurrentLanguageNode: i18n.get_current_language,
    i18n_tags.GetCurrentLanguageBidiNode: i18n.get_current_language_bidi,
    i18n_tags.LanguageNode: i18n.language,
    l10n.LocalizeNode: i18n.localize,
    tz.LocalTimeNode: i18n.local_time,
    tz.TimezoneNode: i18n.time_zone,
    tz.GetCurrentTimezoneNode: i18n.get_current_timezone,
}

LATER: dict[str, Lowering] = {
    "django.contrib.admin.templatetags.base.InclusionAdminNode": templates.admin_inclusion_tag,
}
"""Tags whose modules want Django's apps to be loaded, by the names of their classes."""

if hasattr(defaulttags, "PartialNode"):  # Since Django 6.0.
    LOWERINGS[defaulttags.PartialDefNode] = templates.partial_definition
    LOWERINGS[defaulttags.PartialNode] = templates.partial

SAMPLES: dict[type[Node], tuple[str, set[str]]] = {
    TextNode: ("text", {"s"}),
    VariableNode: ("{{ a }}", {"filter_expression"}),
    defaulttags.IfNode: ("{% if a %}{% endif %}", {"conditions_nodelists"}),
    defaulttags.ForNode: (
        "{% for a in b %}{% endfor %}",
        {"loopvars", "sequence", "is_reversed", "nodelist_loop", "nodelist_empty"},
    ),
    defaulttags.WithNode: ("{% with a=b %}{% endwith %}", {"extra_context", "nodelist"}),
    defaulttags.AutoEscapeControlNode: (
        "{% autoescape on %}{% endautoescape %}",
        {"setting", "nodelist"},
    ),
    defaulttags.CommentNode: ("{% comment %}{% endcomment %}", set()),
    defaulttags.LoadNode: ("{% load i18n %}", set()),
    defaulttags.VerbatimNode: ("{% verbatim %}{% endverbatim %}", {"content"}),
    defaulttags.TemplateTagNode: ("{% templatetag openblock %}", {"tagtype"}),
    defaulttags.CsrfTokenNode: ("{% csrf_token %}", set()),
    defaulttags.URLNode: ("{% url a %}", {"view_name", "args", "kwargs", "asvar"}),
    defaulttags.CycleNode: ("{% cycle a b %}", {"cyclevars", "variable_name", "silent"}),
    defaulttags.ResetCycleNode: ("{% cycle a b %}{% resetcycle %}", {"node"}),
    defaulttags.FirstOfNode: ("{% firstof a %}", {"vars", "asvar"}),
    defaulttags.WidthRatioNode: (
        "{% widthratio a b c %}",
        {"val_expr", "max_expr", "max_width", "asvar"},
    ),
    defaulttags.NowNode: ("{% now 'Y' %}", {"format_string", "asvar"}),
    defaulttags.RegroupNode: (
        "{% regroup a by b as c %}",
        {"target", "expression", "var_name"},
    ),
    defaulttags.IfChangedNode: (
        "{% ifchanged a %}{% endifchanged %}",
        {"nodelist_true", "nodelist_false", "_varlist"},
    ),
    defaulttags.SpacelessNode: ("{% spaceless %}{% endspaceless %}", {"nodelist"}),
    defaulttags.FilterNode: ("{% filter upper %}{% endfilter %}", {"filter_expr", "nodelist"}),
    SimpleNode: ("{% simple a %}", {"func", "takes_context", "args", "kwargs", "target_var"}),
    InclusionNode: (
        "{% inclusion a %}",
        {"func", "takes_context", "args", "kwargs", "filename"},
    ),
    static.StaticNode: ("{% static a %}", {"path", "varname"}),
    static.PrefixNode: ("{% get_static_prefix %}", {"name", "varname"}),
    loader_tags.IncludeNode: (
        "{% include a %}",
        {"template", "extra_context", "isolated_context"},
    ),
    loader_tags.ExtendsNode: (
        "{% extends a %}",
        {"nodelist", "parent_name", "template_dirs", "blocks"},
    ),
    loader_tags.BlockNode: ("{% block a %}{% endblock %}", {"name", "nodelist", "parent"}),
    i18n_tags.TranslateNode: (
        "{% translate a %}",
        {"noop", "asvar", "message_context", "filter_expression"},
    ),
    i18n_tags.BlockTranslateNode: (
        "{% blocktranslate %}{% endblocktranslate %}",
        {
            "extra_context",
            "singular",
            "plural",
            "countervar",
            "counter",
            "message_context",
            "trimmed",
            "asvar",
            "tag_name",
        },
    ),
    i18n_tags.GetAvailableLanguagesNode: ("{% get_available_languages as a %}", {"variable"}),
    i18n_tags.GetLanguageInfoNode: (
        "{% get_language_info for a as b %}",
        {"lang_code", "variable"},
    ),
    i18n_tags.GetLanguageInfoListNode: (
        "{% get_language_info_list for a as b %}",
        {"languages", "variable"},
    ),
    i18n_tags.GetCurrentLanguageNode: ("{% get_current_language as a %}", {"variable"}),
    i18n_tags.GetCurrentLanguageBidiNode: ("{% get_current_language_bidi as a %}", {"variable"}),
    i18n_tags.LanguageNode: ("{% language a %}{% endlanguage %}", {"nodelist", "language"}),
    l10n.LocalizeNode: ("{% localize on %}{% endlocalize %}", {"nodelist", "use_l10n"}),
    tz.LocalTimeNode: ("{% localtime on %}{% endlocaltime %}", {"nodelist", "use_tz"}),
    tz.TimezoneNode: ("{% timezone a %}{% endtimezone %}", {"nodelist", "tz"}),
    tz.GetCurrentTimezoneNode: ("{% get_current_timezone as a %}", {"variable"}),
}

if hasattr(defaulttags, "PartialNode"):
    SAMPLES[defaulttags.PartialDefNode] = (
        "{% partialdef a %}{% endpartialdef %}",
        {"partial_name", "inline", "nodelist"},
    )
    SAMPLES[defaulttags.PartialNode] = ("{% partial a %}", {"partial_name", "partial_mapping"})

SLOTS = {
    FilterExpression: {"token", "filters", "var", "is_var"},
    Variable: {"var", "literal", "lookups", "translate", "message_context"},
}


@cache
def verified_lowerings() -> dict[type[Node], Lowering]:
    """The lowerings whose nodes are what they are expected to be; none where values are not."""
    if any(set(kind.__slots__) != slots for kind, slots in SLOTS.items()):
        return {TextNode: tags.text}
    return {kind: lowering for kind, lowering in LOWERINGS.items() if is_as_expected(kind)}


def is_as_expected(kind: type[Node]) -> bool:
    source, attributes = SAMPLES[kind]
    node = sample_engine().from_string(source).nodelist[-1]
    return type(node) is kind and set(vars(node)) - {"token", "origin"} == attributes


def sample_engine() -> Engine:
    engine = Engine(libraries={"i18n": "django.templatetags.i18n"})
    own = Library()
    own.simple_tag(lambda a: a, name="simple")
    own.inclusion_tag("a", name="inclusion")(lambda a: {})
    engine.template_builtins += [l10n.register, tz.register, static.register]
    engine.template_builtins += [i18n_tags.register, own]
    return engine
