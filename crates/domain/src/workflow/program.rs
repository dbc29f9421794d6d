//! A workflow as it is run: its steps in one row, with jumps for branches, so that a place in it is one number.

use std::sync::Arc;

use super::spec::{Branch, Does, Step};

/// A place in a program does this.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// Takes a step.
    Do(Arc<Step>),
    /// Goes to the first place whose arm's condition holds, else to the last.
    Branch(Arc<Step>, Vec<usize>),
    /// Goes there.
    Jump(usize),
}

/// The steps of one version of a workflow.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Program {
    ops: Vec<Op>,
}

impl Program {
    /// Lays the steps out.
    pub fn new(steps: &[Step]) -> Self {
        let mut program = Self::default();
        program.lay(steps);
        program
    }

    /// What is done at a place; `None` at the end.
    pub fn op(&self, at: usize) -> Option<&Op> {
        self.ops.get(at)
    }

    /// Every step, those of branches as well.
    pub fn steps(&self) -> impl Iterator<Item = &Arc<Step>> {
        self.ops.iter().filter_map(|op| match op {
            Op::Do(step) | Op::Branch(step, _) => Some(step),
            Op::Jump(_) => None,
        })
    }

    fn lay(&mut self, steps: &[Step]) {
        for step in steps {
            match &step.does {
                Does::Branch(branch) => self.branch(step, branch),
                _ => self.ops.push(Op::Do(Arc::new(step.clone()))),
            }
        }
    }

    fn branch(&mut self, step: &Step, branch: &Branch) {
        let fork = self.ops.len();
        self.ops.push(Op::Jump(0));
        let ways = branch.arms.iter().map(|arm| &arm.steps);
        let (mut starts, mut ends) = (Vec::new(), Vec::new());
        for steps in ways.chain([&branch.otherwise]) {
            starts.push(self.ops.len());
            self.lay(steps);
            ends.push(self.ops.len());
            self.ops.push(Op::Jump(0));
        }
        let after = self.ops.len();
        for end in ends {
            self.ops[end] = Op::Jump(after);
        }
        self.ops[fork] = Op::Branch(Arc::new(step.clone()), starts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: serde_json::Value) -> Vec<Step> {
        serde_json::from_value(text).expect("steps")
    }

    #[test]
    fn every_way_of_a_branch_leads_behind_it() {
        let title = |name: &str| serde_json::json!({"name": name, "in_app": {"title": name}});
        let program = Program::new(&steps(serde_json::json!([
            title("first"),
            {"name": "fork", "branch": {
                "arms": [{"if": {"path": "data.a", "is": "exists"}, "steps": [title("left"), title("left again")]}],
                "otherwise": [title("right")]}},
            title("last"),
        ])));
        let names: Vec<_> = program.steps().map(|step| step.name.as_str()).collect();
        assert_eq!(names, ["first", "fork", "left", "left again", "right", "last"]);
        let Some(Op::Branch(_, ways)) = program.op(1) else {
            panic!("a fork")
        };
        let Some(Op::Jump(end)) = program.op(ways[1] + 1) else {
            panic!("a jump")
        };
        assert!(matches!(program.op(*end), Some(Op::Do(step)) if step.name == "last"));
        assert!(matches!(program.op(ways[1] - 1), Some(Op::Jump(to)) if to == end));
        assert!(program.op(end + 1).is_none());
    }
}
