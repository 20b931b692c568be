"""What looks like a shortcode shows as it is, in text, code and URLs; the site runs nothing that people write."""

import pytest

from tests.export.making import UNDER_DEPARTMENT, mended
from twimbot.export.markdown import mend
from twimbot.export.shortcodes import without_shortcodes

ZERO_WIDTH_SPACE = "\u200b"


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("a {{ youtube(id=1) }}", "a {\\{ youtube(id=1) }}"),
        ("a {% figure() %}x{% end %}", "a {\\% figure() %}x{\\% end %}"),
        ("{{{{ x", "{\\{\\{\\{ x"),
        ("{{/* youtube() */}}", "{\\{/* youtube() */}}"),
        ("[a](https://example.org/{{x}})", "[a](https://example.org/{\\{x}})"),
        ("![{{x()}}](/a)", "![{\\{x()}}](/a)"),
        ("{<!-- -->{ x }}", "{\\{ x }}"),
        ("a @@ZOLA_SC_PLACEHOLDER@@", "a @\\@ZOLA_SC_PLACEHOLDER@@"),
        ("https://example.org/{{x()}}", "[https://example.org/{\\{x()}](<https://example.org/{\\{x()}>)}"),
        ('[a](/b "{% end %}") ![{%end%}](/c)', '[a](/b "{\\% end %}") ![{\\%end%}](/c)'),
        ('<b title="{% end %}">y</b> z', '<b title="&#123;% end %}">y</b> z'),
        ('<b title="{{x()">y</b> z', '<b title="&#123;{x()">y</b> z'),
    ],
)
def test_braces_in_text_are_parted(written: str, stands: str) -> None:
    assert mended(written) == stands


@pytest.mark.parametrize(
    "written",
    [
        "`{{ x }}` `${{ secrets.TOKEN }}` `{% if x %}` `{% endif %}` `{%- end -%}` `{{ end }}`",
        "```yaml\nname: {{ .Values.name }}\nkey: {{ t('key') }}\n{{ include(\n```",
        "    {# no comment #} {{",
        "`{{ 1a() }}` `{{ a.b() }}` `{{ a(b) }}`",
        "<https://example.org/{{x}>",
        '<b title="{{x}}">y</b> z',
    ],
)
def test_code_without_a_call_stays(written: str) -> None:
    assert without_shortcodes(written).text == written


@pytest.mark.parametrize(
    "call",
    [
        "{{ youtube() }}",
        "{{youtube(id=1)}}",
        '{{ a(b=\'c\', d="e \\" f", g=[1, -2.5, true,], h=`i`) }}'.replace('\\"', ""),
        "{{ a (b = false ,c=[]) }}",
    ],
)
def test_a_whole_call_in_code_is_escaped_as_zola_knows_it(call: str) -> None:
    escaped = call.replace("{{", "{{/*").replace("}}", "*/}}")
    assert mended(f"```\n{call}\n```") == f"```\n{escaped}\n```"
    assert mended(f"text ``{call}``") == f"text ``{escaped}``"


@pytest.mark.parametrize(
    ("written", "stands"),
    [
        ("`{% quote() %}`", f"`{{{ZERO_WIDTH_SPACE}% quote() %}}`"),
        ("`{% end %}`", f"`{{{ZERO_WIDTH_SPACE}% end %}}`"),
        ("a\n\n    {%end%}", f"a\n\n    {{{ZERO_WIDTH_SPACE}%end%}}"),
        ("```\n{%/*\tend */%}\n```", f"```\n{{{ZERO_WIDTH_SPACE}%/*\tend */%}}\n```"),
        ("`{{ a(b=`", f"`{{{ZERO_WIDTH_SPACE}{{ a(b=`"),
        ("`{{/* a() */}}`", f"`{{{ZERO_WIDTH_SPACE}{{/* a() */}}}}`"),
        ("`{{ a(b=[[1]]) }}`", f"`{{{ZERO_WIDTH_SPACE}{{ a(b=[[1]]) }}}}`"),
        ("`@@ZOLA_SC_PLACEHOLDER@@`", f"`@{ZERO_WIDTH_SPACE}@ZOLA_SC_PLACEHOLDER@@`"),
    ],
)
def test_what_cant_be_escaped_in_code_is_parted_by_something_invisible_and_told(written: str, stands: str) -> None:
    result = mend((written,), UNDER_DEPARTMENT)
    assert result.text == stands
    assert result.notes == (
        "an invisible character stands in its code behind a brace, so that Zola runs no shortcode there.",
    )


def test_a_brace_in_an_address_is_encoded_and_told() -> None:
    result = mend(("<https://example.org/{{x()}}>",), UNDER_DEPARTMENT)
    assert result.text == "<https://example.org/%7B{x()}}>"
    assert result.notes == (
        "the link to https://example.org/{{x()}} was lost while mending.",
        "a link to https://example.org/%7B{x()}} came about while mending.",
    )


def test_nothing_is_run_in_a_message_that_stands_as_plain_text() -> None:
    result = mend(("> " * 5000 + "{{ youtube(id=1) }} {{ x }}",), UNDER_DEPARTMENT)
    assert result.text.endswith("{{/* youtube(id=1) */}} {{ x }}\n```")
