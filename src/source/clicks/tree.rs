//! The elements of a recorded page, as far as selectors need them: tags, `id`s, and who is whose child. Elements that
//! come and go are followed; nothing is known here of how they look.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::chain::{by_id, is_plain};

/// Selectors are followed no further up, which no page needs: in a damaged recording parents may go round in a circle.
const HIGHEST: usize = 1000;
/// The number of the document where no snapshot tells another.
const DOCUMENT: i64 = 1;

/// The nodes of a page by the numbers that the recording gives them.
#[derive(Debug, Default)]
pub(super) struct Tree {
    nodes: HashMap<i64, Node>,
    document: Option<i64>,
    /// Selectors found since the page last changed.
    found: HashMap<i64, Option<String>>,
    /// Nodes whose children were numbered since then.
    numbered: HashSet<i64>,
    /// Which of the elements of their tag elements are below their parent, from 1; not of those that are the only one.
    numbers: HashMap<i64, usize>,
}

#[derive(Debug, Default)]
struct Node {
    parent: Option<i64>,
    children: Vec<i64>,
    /// None for texts and documents.
    tag: Option<Box<str>>,
    /// The attribute `id`.
    id: Option<Box<str>>,
    /// Whether it hangs below a shadow root, where selectors of the page do not reach.
    is_shadow: bool,
}

impl Tree {
    /// The page of a full snapshot.
    pub fn of(node: &Value) -> Tree {
        let mut tree = Tree { document: node["id"].as_i64(), ..Tree::default() };
        tree.add(node, None, None);
        tree
    }

    /// The number of the document.
    pub fn document(&self) -> i64 {
        self.document.unwrap_or(DOCUMENT)
    }

    /// Follows a mutation: what it removes, what it adds, which `id`s it changes.
    pub fn change(&mut self, data: &Value) {
        self.found.clear();
        self.numbered.clear();
        self.numbers.clear();
        let each = |name: &str| data[name].as_array().into_iter().flatten();
        for removed in each("removes") {
            if let Some(id) = removed["id"].as_i64() {
                self.remove(id);
            }
        }
        for added in each("adds") {
            self.add(&added["node"], added["parentId"].as_i64(), added["nextId"].as_i64());
        }
        for changed in each("attributes") {
            let node = changed["id"].as_i64().and_then(|id| self.nodes.get_mut(&id));
            if let (Some(node), Some(id)) = (node, changed["attributes"].get("id")) {
                node.id = id.as_str().map(Into::into);
            }
        }
    }

    /// The selector of a node, or of the element that holds it.
    pub fn selector(&mut self, node: i64) -> Option<String> {
        if let Some(found) = self.found.get(&node) {
            return found.clone();
        }
        let mut parent = self.nodes.get(&node).and_then(|node| node.parent);
        for _ in 0..HIGHEST {
            let Some(id) = parent else { break };
            self.number(id);
            parent = self.nodes.get(&id).and_then(|node| node.parent);
        }
        let selector = self.path(node);
        self.found.insert(node, selector.clone());
        selector
    }

    /// Adds a node and what it holds, before the node `next` where that is there.
    fn add(&mut self, node: &Value, parent: Option<i64>, next: Option<i64>) {
        let mut waiting = vec![(node, parent, next)];
        while let Some((value, parent, next)) = waiting.pop() {
            let Some(id) = value["id"].as_i64() else { continue };
            if self.nodes.contains_key(&id) {
                self.remove(id);
            }
            if let Some(holder) = parent.and_then(|parent| self.nodes.get_mut(&parent)) {
                let at = next.and_then(|next| holder.children.iter().position(|child| *child == next));
                holder.children.insert(at.unwrap_or(holder.children.len()), id);
            }
            let text = |value: &Value| value.as_str().map(Into::into);
            self.nodes.insert(
                id,
                Node {
                    parent,
                    children: Vec::new(),
                    tag: value["tagName"].as_str().map(|tag| tag.to_ascii_lowercase().into()),
                    id: text(&value["attributes"]["id"]),
                    is_shadow: value["isShadow"].as_bool().unwrap_or(false),
                },
            );
            let children = value["childNodes"].as_array().into_iter().flatten().rev();
            waiting.extend(children.map(|child| (child, Some(id), None)));
        }
    }

    fn remove(&mut self, id: i64) {
        let parent = self.nodes.get(&id).and_then(|node| node.parent);
        if let Some(holder) = parent.and_then(|parent| self.nodes.get_mut(&parent)) {
            holder.children.retain(|child| *child != id);
        }
        let mut gone = vec![id];
        while let Some(id) = gone.pop() {
            gone.extend(self.nodes.remove(&id).into_iter().flat_map(|node| node.children));
        }
    }

    fn path(&self, node: i64) -> Option<String> {
        let mut steps = Vec::new();
        let mut at = Some(node);
        for _ in 0..HIGHEST {
            let Some((id, node)) = at.and_then(|id| Some((id, self.nodes.get(&id)?))) else { break };
            if node.is_shadow {
                return None;
            }
            if let Some(step) = node.id.as_deref().filter(|id| !id.is_empty() && node.tag.is_some()) {
                steps.push(by_id(step));
                break;
            }
            if let Some(tag) = node.tag.as_deref() {
                steps.push(self.step(id, tag)?);
            } else if !steps.is_empty() {
                break;
            }
            at = node.parent;
        }
        steps.reverse();
        (!steps.is_empty()).then(|| steps.join(" > "))
    }

    /// Numbers the children of a node that have a tag in common.
    fn number(&mut self, parent: i64) {
        let Some(holder) = self.nodes.get(&parent).filter(|_| self.numbered.insert(parent)) else { return };
        let tag = |child: &i64| self.nodes.get(child).and_then(|node| node.tag.as_deref());
        let mut counts = HashMap::<&str, usize>::new();
        for tag in holder.children.iter().filter_map(tag) {
            *counts.entry(tag).or_insert(0) += 1;
        }
        counts.retain(|_, count| *count > 1);
        for count in counts.values_mut() {
            *count = 0;
        }
        for child in &holder.children {
            if let Some(count) = tag(child).and_then(|tag| counts.get_mut(tag)) {
                *count += 1;
                self.numbers.insert(*child, *count);
            }
        }
    }

    /// An element as a step of a selector: its tag, with its number where its parent has several of them.
    fn step(&self, id: i64, tag: &str) -> Option<String> {
        let number = self.numbers.get(&id);
        is_plain(tag).then(|| number.map_or_else(|| tag.to_owned(), |number| format!("{tag}:nth-of-type({number})")))
    }
}
