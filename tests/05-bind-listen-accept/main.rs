//! 05-bind-listen-accept
