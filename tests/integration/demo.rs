//! The lab as people use it: its small clients, its scenarios, and what it shows.

/// A test for each group of scenarios, by the `group` of the module, and one that
/// none is left out.
macro_rules! groups {
    () => {
        groups!(
            credentials, trust, setup, signing, reach, door, binding, secrets, safety
        );
    };
    ($($name:ident),+) => {
        $(#[test]
        fn $name() {
            group(stringify!($name));
        })+

        #[test]
        fn every_group_is_tried() {
            let names: Vec<&str> = GROUPS.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, [$(stringify!($name)),+]);
        }
    };
}

#[cfg(feature = "real-servers")]
pub(crate) mod clients;
mod masked;
mod pages;
#[cfg(feature = "real-servers")]
mod real;
mod scenarios;
mod shown;
mod told;
