"""What TensorBoard shows of a home's nights and weeks."""
