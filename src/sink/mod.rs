//! Values and pictures to bytes: the door out.
