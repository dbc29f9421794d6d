//! Rows on their way into one statement: a vector per column, bound as an array and read with `unnest`.

/// The numbers of a statement's parameters, given out in the order in which they are bound.
#[derive(Default)]
pub(super) struct Places(usize);

impl Places {
    /// The next parameter, as an array of this type.
    pub(super) fn array(&mut self, kind: &str) -> String {
        self.0 += 1;
        format!("${}::{kind}[]", self.0)
    }

    /// The next parameter, as one value.
    pub(super) fn value(&mut self, kind: &str) -> String {
        self.0 += 1;
        format!("${}::{kind}", self.0)
    }
}

/// Declares a row and the columns that hold many of it. The columns' order is that of the parameters; their names are those that the
/// statement's text uses.
macro_rules! columns {
    ($(#[$doc:meta])* $name:ident $(<$life:lifetime>)? of $row:ident { $($field:ident: $type:ty = $kind:literal,)* }) => {
        $(#[$doc])*
        pub(super) struct $row $(<$life>)? {
            $(pub(super) $field: $type,)*
        }

        $(#[$doc])*
        #[derive(Default)]
        pub(super) struct $name $(<$life>)? {
            $($field: Vec<$type>,)*
        }

        impl $(<$life>)? $name $(<$life>)? {
            pub(super) fn push(&mut self, row: $row $(<$life>)?) {
                $(self.$field.push(row.$field);)*
            }

            #[allow(dead_code, reason = "not every kind of row is asked")]
            pub(super) fn is_empty(&self) -> bool {
                [$(self.$field.len()),*].iter().all(|rows| *rows == 0)
            }

            /// Binds every column, in order.
            pub(super) fn bind(&self, arguments: &mut sqlx::postgres::PgArguments) -> Result<(), sqlx::error::BoxDynError> {
                use sqlx::Arguments;
                $(arguments.add(&self.$field[..])?;)*
                Ok(())
            }
        }

        impl $(<$life>)? $name $(<$life>)? {
            /// `unnest(…) name (columns)` for the `FROM` of a statement.
            pub(super) fn unnest(name: &str, places: &mut super::columns::Places) -> String {
                let arrays = [$(places.array($kind)),*];
                let columns = [$(stringify!($field)),*];
                format!("unnest({}) AS {name} ({})", arrays.join(", "), columns.join(", "))
            }
        }
    };
}
pub(super) use columns;
