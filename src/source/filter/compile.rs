//! From the text of `--where` to a [`Condition`]: `sqlparser` makes the tree, this file takes from it what
//! torrid knows and refuses the rest by name.

use std::fmt::Display;

use sqlparser::ast::{BinaryOperator, Expr, FunctionArguments, UnaryOperator, Value};
use sqlparser::dialect::GenericDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use crate::error::Error;
use crate::source::filter::condition::{Condition, List, Relation, Sign, Term};
use crate::source::filter::pattern::Pattern;
use crate::source::filter::units;

/// How deep parentheses, `NOT` and signs may be nested, so that no expression overflows a thread's stack.
const DEEPEST: usize = 50;

/// How many operators, keywords and parentheses there may be. A chain `a OR b OR c ...` is a tree as deep
/// as it is long, without being nested as written. Items of lists do not count.
const LONGEST: usize = 1000;

/// The columns, each once, and the condition over them.
pub(super) fn compile(text: &str) -> Result<(Vec<String>, Condition), Error> {
    let tree = parse(text)?;
    let mut columns = Columns(Vec::new());
    let condition = columns.condition(&tree)?;
    Ok((columns.0, condition))
}

fn parse(text: &str) -> Result<Expr, Error> {
    let dialect = GenericDialect {};
    let mut tokens = Tokenizer::new(&dialect, text).tokenize_with_location().map_err(refused)?;
    units::rewrite(&mut tokens)?;
    if tokens.iter().filter(|token| may_deepen(&token.token)).count() > LONGEST {
        return Err(refused("it is too long").advice(format!(
            "use IN (...) for many values: it may have any length, but {LONGEST} operators and words are the limit"
        )));
    }
    let mut parser = Parser::new(&dialect).with_recursion_limit(DEEPEST).with_tokens_with_locations(tokens);
    let tree = parser.parse_expr().map_err(|error| match error {
        ParserError::RecursionLimitExceeded => refused(format!("nested more than {DEEPEST} deep")),
        ParserError::ParserError(message) | ParserError::TokenizerError(message) => refused(message),
    })?;
    match parser.next_token() {
        TokenWithSpan { token: Token::EOF, .. } => Ok(tree),
        trailing => Err(refused(format!("`{trailing}` after the end of the condition"))),
    }
}

fn may_deepen(token: &Token) -> bool {
    match token {
        Token::Word(word) => word.keyword != Keyword::NoKeyword,
        Token::Number(..) | Token::SingleQuotedString(_) | Token::Comma | Token::Whitespace(_) => false,
        _ => true,
    }
}

fn refused(found: impl Display) -> Error {
    Error::caller("--where")
        .found(found.to_string())
        .expected(
            "columns, numbers and 'texts' under = <> < <= > >=, AND, OR, NOT, IN, BETWEEN, IS NULL, LIKE, ILIKE \
             and + - * / %",
        )
        .advice(
            "for example --where \"mag >= 5 AND place LIKE '%Chile%'\"; a column name with blanks, or one that is a \
             word of SQL, stands in double quotes",
        )
}

/// The columns met so far.
struct Columns(Vec<String>);

impl Columns {
    fn condition(&mut self, tree: &Expr) -> Result<Condition, Error> {
        Ok(match tree {
            Expr::Nested(inner) => self.condition(inner)?,
            Expr::BinaryOp { op: BinaryOperator::And, .. } => Condition::All(self.chain(tree, &BinaryOperator::And)?),
            Expr::BinaryOp { op: BinaryOperator::Or, .. } => Condition::Any(self.chain(tree, &BinaryOperator::Or)?),
            Expr::BinaryOp { left, op, right } => match relation(op) {
                Some(relation) => Condition::Compare(relation, self.term(left)?, self.term(right)?),
                None => return Err(unsupported(tree)),
            },
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => Condition::Not(Box::new(self.condition(expr)?)),
            Expr::InList { expr, list, negated } => self.listed(expr, list)?.negated(*negated),
            Expr::Between { expr, negated, low, high } => self.between(expr, low, high)?.negated(*negated),
            Expr::IsNull(expr) => Condition::Missing(self.term(expr)?),
            Expr::IsNotNull(expr) => Condition::Missing(self.term(expr)?).negated(true),
            Expr::Like { negated, any: false, expr, pattern, escape_char } => {
                Condition::Like(self.term(expr)?, like(pattern, escape_char.as_deref(), false)?).negated(*negated)
            }
            Expr::ILike { negated, any: false, expr, pattern, escape_char } => {
                Condition::Like(self.term(expr)?, like(pattern, escape_char.as_deref(), true)?).negated(*negated)
            }
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Value(_) => match self.term(tree)? {
                Term::Flag(flag) => Condition::Constant(Some(flag)),
                Term::Null => Condition::Constant(None),
                column @ Term::Column(_) => Condition::Flag(column),
                _ => return Err(refused(format!("`{}` where a condition should be", short(tree)))),
            },
            _ => return Err(unsupported(tree)),
        })
    }

    /// The parts of `a AND b AND c`, which the parser nests to the left.
    fn chain(&mut self, tree: &Expr, joint: &BinaryOperator) -> Result<Vec<Condition>, Error> {
        let mut parts = Vec::new();
        let mut rest = tree;
        while let Expr::BinaryOp { left, op, right } = rest
            && op == joint
        {
            parts.push(&**right);
            rest = left;
        }
        parts.push(rest);
        parts.into_iter().rev().map(|part| self.condition(part)).collect()
    }

    fn listed(&mut self, expr: &Expr, list: &[Expr]) -> Result<Condition, Error> {
        if list.is_empty() {
            return Err(refused("IN () without values"));
        }
        let term = self.term(expr)?;
        Ok(Condition::Listed(term, List::new(list.iter().map(|item| self.term(item)).collect::<Result<_, _>>()?)))
    }

    fn between(&mut self, expr: &Expr, low: &Expr, high: &Expr) -> Result<Condition, Error> {
        let term = self.term(expr)?;
        let least = Condition::Compare(Relation::AtLeast, term.clone(), self.term(low)?);
        Ok(Condition::All(vec![least, Condition::Compare(Relation::AtMost, term, self.term(high)?)]))
    }

    fn term(&mut self, tree: &Expr) -> Result<Term, Error> {
        Ok(match tree {
            Expr::Nested(inner) => self.term(inner)?,
            Expr::Identifier(name) => self.column(name.value.clone()),
            Expr::CompoundIdentifier(names) => {
                let names: Vec<&str> = names.iter().map(|name| name.value.as_str()).collect();
                self.column(names.join("."))
            }
            // A few words of SQL are functions without parentheses; here they are columns: `user`.
            Expr::Function(word) if matches!(word.args, FunctionArguments::None) => self.column(word.name.to_string()),
            Expr::Value(literal) => value(&literal.value).ok_or_else(|| unsupported(tree))?,
            Expr::UnaryOp { op: UnaryOperator::Plus, expr } => self.term(expr)?,
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match self.term(expr)? {
                Term::Number(number) => Term::Number(-number),
                other => Term::Arithmetic(Sign::Minus, Box::new([Term::Number(0.0), other])),
            },
            Expr::BinaryOp { left, op, right } => match sign(op) {
                Some(sign) => Term::Arithmetic(sign, Box::new([self.term(left)?, self.term(right)?])),
                None if relation(op).is_some() || matches!(op, BinaryOperator::And | BinaryOperator::Or) => {
                    return Err(refused(format!("the condition `{}` where a value should be", short(tree))));
                }
                None => return Err(unsupported(tree)),
            },
            _ => return Err(unsupported(tree)),
        })
    }

    fn column(&mut self, name: String) -> Term {
        let known = self.0.iter().position(|column| *column == name);
        Term::Column(known.unwrap_or_else(|| {
            self.0.push(name);
            self.0.len() - 1
        }))
    }
}

impl Condition {
    fn negated(self, negated: bool) -> Condition {
        if negated { Condition::Not(Box::new(self)) } else { self }
    }
}

fn relation(op: &BinaryOperator) -> Option<Relation> {
    Some(match op {
        BinaryOperator::Eq => Relation::Equal,
        BinaryOperator::NotEq => Relation::Unequal,
        BinaryOperator::Lt => Relation::Less,
        BinaryOperator::LtEq => Relation::AtMost,
        BinaryOperator::Gt => Relation::Greater,
        BinaryOperator::GtEq => Relation::AtLeast,
        _ => return None,
    })
}

fn sign(op: &BinaryOperator) -> Option<Sign> {
    Some(match op {
        BinaryOperator::Plus => Sign::Plus,
        BinaryOperator::Minus => Sign::Minus,
        BinaryOperator::Multiply => Sign::Times,
        BinaryOperator::Divide => Sign::Over,
        BinaryOperator::Modulo => Sign::Modulo,
        _ => return None,
    })
}

fn value(literal: &Value) -> Option<Term> {
    Some(match literal {
        Value::Number(digits, _) => Term::Number(digits.parse().ok().filter(|n: &f64| n.is_finite())?),
        Value::SingleQuotedString(text) => Term::Text(text.as_str().into()),
        Value::Boolean(flag) => Term::Flag(*flag),
        Value::Null => Term::Null,
        _ => return None,
    })
}

fn like(pattern: &Expr, escape: Option<&Expr>, fold: bool) -> Result<Pattern, Error> {
    let escape = match escape.map(literal_text) {
        None => None,
        Some(Some(text)) if text.chars().count() == 1 => text.chars().next(),
        Some(_) => return Err(refused("an ESCAPE that is not one character in quotes")),
    };
    let text = literal_text(pattern).ok_or_else(|| refused(format!("LIKE {}, which is no text", short(pattern))))?;
    Pattern::new(text, escape, fold).ok_or_else(|| refused(format!("the pattern '{text}', which ends with its ESCAPE")))
}

fn literal_text(tree: &Expr) -> Option<&str> {
    match tree {
        Expr::Value(literal) => match &literal.value {
            Value::SingleQuotedString(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

fn unsupported(tree: &Expr) -> Error {
    let kind = match tree {
        Expr::Function(_)
        | Expr::Floor { .. }
        | Expr::Ceil { .. }
        | Expr::Extract { .. }
        | Expr::Substring { .. }
        | Expr::Trim { .. }
        | Expr::Position { .. } => "the function",
        Expr::Subquery(_) | Expr::InSubquery { .. } | Expr::Exists { .. } => "the subquery",
        Expr::Case { .. } => "the CASE",
        Expr::Cast { .. } | Expr::Convert { .. } | Expr::TypedString(_) => "the cast",
        Expr::BinaryOp { op, .. } if relation(op).is_none() && sign(op).is_none() => {
            return refused(format!("the operator {op} in `{}`", short(tree)));
        }
        _ => "",
    };
    refused(format!("{kind} `{}`", short(tree)).trim_start().to_owned())
}

/// The beginning of what the tree was parsed from.
fn short(tree: &Expr) -> String {
    let text = tree.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
