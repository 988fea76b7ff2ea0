// The page's elements, which index.html names.

export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no element ${id}`);
  return element as T;
}

export const input = (id: string) => byId<HTMLInputElement>(id);

export const select = (id: string) => byId<HTMLSelectElement>(id);

/** Chooses a value, adding it as it is where the list does not have it. */
export function choose(list: HTMLSelectElement, value: string, label = value) {
  if (![...list.options].some((option) => option.value === value)) list.add(new Option(label, value));
  list.value = value;
}

/** Shows a sentence, or hides the element where there is none. */
export function say(element: HTMLElement, sentence: string) {
  if (element.textContent !== sentence) element.textContent = sentence;
  element.hidden = !sentence;
}
