"""Reads a part of a page in one round trip: its lines as a person sees them, input values, banners, and whether it is all there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from readdress.models import Piece, Reading

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Selectors

MAX_PIECES = 3000
MAX_TEXT = 2000

# One pass over the rendered (flat) tree. A line ends where a block, a table cell or <br> ends; within a line, text of neighbouring inline
# elements is joined as it is drawn, with a space where a box edge (inline-block, padding, margin, border) separates them: so that
# <span>jo</span><span>ann@x</span> reads "joann@x" and <b class=badge>Primary</b>ann@x reads "Primary ann@x".
# Text that is not shown, and attributes, count as mentions ("banner"): they prove neither presence nor absence.
SCRIPT = r"""
(roots, limit) => {
  const BANNER = '[role=alert],[role=status],[role=alertdialog],[role=log],output,' +
    ['flash', 'notice', 'message', 'alert', 'toast', 'snackbar', 'notification', 'notice-info', 'messages', 'messagelist', 'flash-notice',
     'flash-success', 'flash-error', 'alert-success', 'alert-info', 'alert-danger', 'alert-warning', 'mw-message-box', 'mw-notification',
     'success', 'successbox', 'errorbox', 'error', 'errormessage', 'updated'].map(c => '.' + c).join(',');
  const ITEM = 'li,tr,p,dd,fieldset,label,[role=listitem],[role=row],[role=option],[role=menuitem],[role=article]';
  const BUSY = /(^|[-_])(skeleton|spinner|loading|loader|shimmer)([-_]|$)/i;
  const SKIP = new Set(['SCRIPT', 'STYLE', 'NOSCRIPT', 'TEMPLATE', 'HEAD', 'svg']);
  const AT = /[^\s@<>()\[\]"',;:]+@[^\s@<>()\[\]"',;:]+/g;
  const pieces = [];
  let complete = document.readyState === 'complete' && roots.length > 0, seen = 0;
  const shown = el => el.checkVisibility({visibilityProperty: true, contentVisibilityAuto: false});
  const short = (text, n) => text.replace(/\s+/g, ' ').trim().slice(0, n);
  const banner = el => { const b = el.closest(BANNER); return !!b && !['BODY', 'HTML', 'MAIN', 'FORM', 'TABLE', 'UL', 'OL', 'TR', 'LI'].includes(b.tagName); };
  const up = el => el.assignedSlot || el.parentElement || (el.getRootNode().host ?? null);
  const values = el => [...el.querySelectorAll('input,textarea')].filter(i => i.type !== 'password' && i.type !== 'hidden').map(i => i.value).join(' ');
  const addresses = el => new Set(((el.innerText || '') + ' ' + values(el)).toLowerCase().match(AT) || []);
  const arounds = new Map();
  const around = (el, root) => {
    if (arounds.has(el)) return arounds.get(el);
    let item = el.closest(ITEM);
    if (!item || (item !== root && item.contains(root))) {
      // No list item: climb while there is still only one address in the box.
      item = el;
      for (let i = 0; i < 4; i++) {
        const parent = up(item);
        if (item === root || !parent || (parent.innerText || '').length > 400 || addresses(parent).size > 1) break;
        item = parent;
      }
    }
    const extra = [...item.querySelectorAll('[title],[aria-label]')].slice(0, 20)
      .map(e => (e.title || '') + ' ' + (e.getAttribute('aria-label') || '')).join(' ');
    const text = short((item.innerText || item.textContent || '') + ' ' + extra, 600);
    arounds.set(el, text);
    return text;
  };
  const add = (text, el, root, is_input, mention) => {
    text = short(text, 2000);
    if (text && pieces.length < limit) pieces.push({text, around: mention ? '' : around(el, root), is_input, banner: mention || banner(el)});
    else if (text) complete = false;
  };
  for (const root of roots) {
    for (let el = root; el; el = up(el)) if (el.getAttribute('aria-busy') === 'true') complete = false;
    let line = '', owner = null;
    const flush = () => {
      // "Remove ann@x" on a button is a mention; a button that shows nothing but the address is a list entry.
      if (owner) add(line, owner, root, false, line.includes('@') && /\s/.test(line.trim()) && !!owner.closest('button,[role=button]'));
      line = ''; owner = null;
    };
    const walk = (el, parentDrawn) => {
      if (++seen > 60000) { complete = false; return; }
      if (SKIP.has(el.tagName)) return;
      const style = getComputedStyle(el), tag = el.tagName;
      const contents = style.display === 'contents';
      const drawn = contents ? parentDrawn : shown(el);  // display: contents has no box of its own
      for (const name of ['title', 'aria-label', 'alt', 'data-email', 'data-address', 'href']) {
        const value = el.getAttribute(name);
        if (value && value.includes('@')) add(name === 'href' ? decodeURIComponentSafe(value.replace(/^mailto:/i, '')) : value, el, root, false, true);
      }
      if (drawn) {
        if (el.getAttribute('aria-busy') === 'true' || el.getAttribute('role') === 'progressbar' || tag === 'PROGRESS') complete = false;
        else if (typeof el.className === 'string' && el.className && el.className.split(/\s+/).some(c => BUSY.test(c))
                 && el.getBoundingClientRect().height > 0) complete = false;
        else if ((tag === 'IFRAME' || tag === 'FRAME') && el.getBoundingClientRect().height > 8 && el.getBoundingClientRect().width > 8) complete = false;
      }
      if (tag === 'INPUT' || tag === 'TEXTAREA') {
        if (el.type === 'password') return;
        flush();
        if (['checkbox', 'radio'].includes(el.type)) { if (el.value.includes('@')) add(el.value, el, root, false, true); }
        else if (drawn && ['button', 'submit', 'reset'].includes(el.type)) add(el.value, el, root, false, el.value.includes('@'));
        else if (['hidden', 'image', 'file'].includes(el.type) || !drawn) add(el.value.includes('@') ? el.value : '', el, root, false, true);
        else add(el.value, el, root, true, false);
        return;
      }
      if (tag === 'SELECT') {
        flush();
        for (const option of el.options) add(option.text, el, root, drawn, !drawn);
        return;
      }
      const gap = side => !contents && (style.display !== 'inline' || ['margin', 'padding'].some(p => parseFloat(style.getPropertyValue(p + '-' + side)) > 0)
        || parseFloat(style.getPropertyValue('border-' + side + '-width')) > 0);
      const block = !contents && !style.display.startsWith('inline') && style.display !== 'ruby' && style.display !== 'none';
      if (tag === 'BR') { flush(); return; }
      if (block) flush(); else if (line && gap('left')) line += ' ';
      const kids = el.shadowRoot ? el.shadowRoot.childNodes : tag === 'SLOT' && el.assignedNodes().length ? el.assignedNodes() : el.childNodes;
      for (const kid of kids) {
        if (kid.nodeType === 3) {
          if (drawn) { if (!owner && kid.data.trim()) owner = el; line += kid.data; }
          else if (kid.data.includes('@')) add(kid.data, el, root, false, true);
        } else if (kid.nodeType === 1) walk(kid, drawn);
      }
      if (block) flush(); else if (line && gap('right')) line += ' ';
    };
    walk(root, true);
    flush();
  }
  function decodeURIComponentSafe(text) { try { return decodeURIComponent(text); } catch { return text; } }
  return {pieces, complete, url: location.href};
}
"""


# A selector engine, because those run in a world of their own: the page's scripts cannot meddle with what is read there, and the browser
# library is at work there anyway, while its first call into the page's own world costs each new page tens of milliseconds. What was read
# comes back as the text of an element that never joins the page. One engine for both uses: each is put into every page. A survey's
# request comes percent-encoded: quotes and ">>" mean something to the library.
ENGINE = "readdress"
_ENGINE_SCRIPT = f"""
(() => {{
  const read = {SCRIPT};
  const say = (text) => String(text ?? '').slice(0, {MAX_TEXT});
  const part = (el) => {{
    const secret = ['password', 'hidden', 'file'].includes(el.type);
    return {{
      text: say(el.innerText ?? el.textContent),
      value: secret || typeof el.value !== 'string' ? '' : say(el.value),
      label: say(el.labels && el.labels.length ? [...el.labels].map((l) => l.innerText).join(' ') : ''),
      href: say(el.getAttribute('href')),
      checked: el.checked === true,
      shown: el.checkVisibility({{visibilityProperty: true, contentVisibilityAuto: false}}),
    }};
  }};
  const survey = (root, wanted) => {{
    const parts = {{}}, readings = {{}};
    for (const [name, css] of Object.entries(wanted.parts)) {{
      const found = [...root.querySelectorAll(css)];
      parts[name] = found.slice(0, wanted.limit).map(part);
      if (wanted.read.includes(name) && found.length === 1) readings[name] = read(found, {MAX_PIECES});
    }}
    return {{parts, readings, url: location.href}};
  }};
  const queryAll = (root, body) => {{
    const answer = document.createElement('i');
    answer.textContent = JSON.stringify(body ? survey(root, JSON.parse(decodeURIComponent(body))) : read([root], {MAX_PIECES}));
    return [answer];
  }};
  return {{queryAll, query: (root, body) => queryAll(root, body)[0]}};
}})()
"""


def register(selectors: Selectors) -> None:
    """Make :func:`read` and :func:`readdress.browser.survey.survey` possible in the browsers that a driver starts from now on."""
    selectors.register(ENGINE, _ENGINE_SCRIPT, content_script=True)


def read(locator: Locator, timeout: float = 500.0) -> Reading:
    """Read the part of the page that ``locator`` points at now; an incomplete, empty reading when it is not there.

    Raises the library's error when the page changes meanwhile (within ``timeout`` milliseconds).
    """
    parts = locator.count()
    if parts == 0:
        return Reading(url=locator.page.url)
    if parts > 1:
        return from_script(locator.evaluate_all(SCRIPT, MAX_PIECES))
    return from_script(json.loads(locator.locator(f"{ENGINE}=").text_content(timeout=timeout) or "null"))


def from_script(found: Any) -> Reading:
    """The reading that :data:`SCRIPT` returned. The page could have meddled with it: every value is checked for its type."""
    if not isinstance(found, dict):
        return Reading()
    pieces: list[Piece] = []
    raw = found.get("pieces")
    for entry in raw if isinstance(raw, list) else []:
        if isinstance(entry, dict) and isinstance(entry.get("text"), str):
            around = entry.get("around")
            pieces.append(
                Piece(
                    entry["text"],
                    around=around if isinstance(around, str) else "",
                    is_input=entry.get("is_input") is True,
                    banner=entry.get("banner") is True,
                )
            )
    url = found.get("url")
    return Reading(tuple(pieces[:MAX_PIECES]), found.get("complete") is True, url if isinstance(url, str) else "")
